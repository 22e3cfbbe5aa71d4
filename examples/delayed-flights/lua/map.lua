-- A line of the flights file becomes an event: who flew, and how many minutes late it arrived.
local csv = require 'csv'

local UNIQUE_CARRIER, ARR_DELAY = 9, 15

function map(line)
  -- The header's "ArrDelay" and a missing "NA" are no numbers: nil drops the line.
  local delay = math.tointeger(tonumber(csv.field(line, ARR_DELAY)))
  if not delay then
    return nil
  end
  return { carrier = csv.field(line, UNIQUE_CARRIER), delay = delay }
end
