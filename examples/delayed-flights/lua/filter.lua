-- Keeps the flights that arrived late.
function filter(event)
  return event.delay > 0
end
