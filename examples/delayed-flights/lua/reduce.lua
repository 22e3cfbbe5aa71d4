-- Counts the flights of one carrier and adds up their delays, in minutes.
initial = { delayed = 0, total = 0 }

function reduce(accumulator, event)
  accumulator.delayed = accumulator.delayed + 1
  accumulator.total = accumulator.total + event.delay
  return accumulator
end

function finish(accumulator)
  return {
    delayed = accumulator.delayed,
    total = accumulator.total,
    average = accumulator.total / accumulator.delayed,
  }
end
