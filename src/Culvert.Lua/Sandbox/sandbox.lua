-- What a script can reach, and the limits it runs under. The operator's loop is generated behind this text, in the same
-- chunk, so that it shares these locals; a script never sees them, because its own _ENV is built here.
-- Every library function is captured before any script runs: a script can break nothing but itself.

local script, csv_chunk, json_chunk, patterns_chunk, options, ins, outs, rows = ...
local ROLE, SOURCE, EVENT_MAX, BATCH_MAX, STRING_MAX =
  options.role, options.source, options.event_max, options.batch_max, options.string_max

local type, error, select, rawget, rawset, rawequal, rawlen = type, error, select, rawget, rawset, rawequal, rawlen
local raw_next, raw_pairs, raw_tostring, raw_getmetatable, raw_setmetatable =
  next, pairs, tostring, debug.getmetatable, setmetatable
local pcall, tonumber = pcall, tonumber
local string_find, string_sub, string_rep, string_gsub, string_format, string_byte =
  string.find, string.sub, string.rep, string.gsub, string.format, string.byte
local table_sort, table_unpack, table_concat, table_move, table_insert, table_remove =
  table.sort, table.unpack, table.concat, table.move, table.insert, table.remove
local math_type, math_random, math_randomseed = math.type, math.random, math.randomseed
local sethook, getinfo, setupvalue = debug.sethook, debug.getinfo, debug.setupvalue
local co_create, co_resume = coroutine.create, coroutine.resume

-- The row (from 1) that is being worked on, 0 while the script is loaded. The host reads this and the next two when a
-- call has failed.
local current = 0
local limit = nil
local failure_line = nil

local batch_seed = 0

-- Set when the role's function is not the one whose fields the host has looked up.
local other_function = false

---------------------------------------------------------------------------------------------------------------------
-- Limits

-- The script's own meter (LuaMeter) counts down from this and then calls `refill`; library functions call `charge`.
local METER_UNITS = 1000

local counted_event, used, total = 0, 0, 0
local set_meter
local hook

local function script_line(level)
  for l = level + 1, level + 64 do
    local info = getinfo(l, "Sl")
    if not info then
      return nil
    end
    if info.source == SOURCE and info.currentline > 0 then
      return info.currentline
    end
  end
  return nil
end

-- From here on every instruction fails, in this coroutine, and every function and turn of a loop in any: no pcall outlives it.
local function trip()
  if not limit then
    limit = used > EVENT_MAX
      and string_format("more than %d instructions for one event", EVENT_MAX)
      or string_format("more than %d instructions for one batch", BATCH_MAX)
    failure_line = script_line(2)
  end
  sethook(hook, "", 1)
  error(limit, 0)
end

hook = trip

-- Counts work that one call makes a library function do.
local function charge(units)
  if counted_event ~= current then
    counted_event = current
    used = 0
  end
  used = used + units
  total = total + units
  if used > EVENT_MAX or total > BATCH_MAX or limit then
    trip()
  end
end

local function refill()
  charge(METER_UNITS)
  set_meter(METER_UNITS)
end

-- Turns an error into its message, and finds the script's line.
local function handler(message)
  if limit or other_function or current < 0 then
    return limit
  end
  if type(message) ~= "string" then
    message = type(message) == "number" and raw_tostring(message) or "an error value that is a " .. type(message)
  end
  local prefix = string_sub(SOURCE, 2) .. ":"
  if string_sub(message, 1, #prefix) == prefix then
    local _, last, line = string_find(message, "^(%d+): ", #prefix + 1)
    if last then
      failure_line = tonumber(line)
      return string_sub(message, last + 1)
    end
  end
  local _, own = string_find(message, "^culvert:%d+: ")
  failure_line = script_line(1)
  message = own and string_sub(message, own + 1) or message
  -- Library functions are known here by longer names.
  return (string_gsub(string_gsub(message, "'string_", "'"), "'table_", "'"))
end

---------------------------------------------------------------------------------------------------------------------
-- Order: integers ascending, then floats, strings by their bytes, false, true

local function ordered_keys(t)
  local integers, floats, strings, n = {}, nil, nil, 0
  local last, sorted, has_false, has_true = nil, true, false, false
  local float_count, string_count = 0, 0
  for k in raw_next, t do
    local kind = type(k)
    if kind == "string" then
      strings = strings or {}
      string_count = string_count + 1
      strings[string_count] = k
    elseif kind == "number" then
      if math_type(k) == "integer" then
        n = n + 1
        integers[n] = k
        if last and k < last then
          sorted = false
        end
        last = k
      else
        floats = floats or {}
        float_count = float_count + 1
        floats[float_count] = k
      end
    elseif kind == "boolean" then
      has_true = has_true or k
      has_false = has_false or not k
    else
      error("a table with a " .. kind .. " as a key cannot be iterated: its order would differ from run to run", 3)
    end
  end
  charge(n + float_count + string_count)
  if not sorted then
    table_sort(integers)
  end
  if floats then
    table_sort(floats)
    for i = 1, float_count do
      integers[n + i] = floats[i]
    end
    n = n + float_count
  end
  if strings then
    if string_count > 1 then
      table_sort(strings)
    end
    for i = 1, string_count do
      integers[n + i] = strings[i]
    end
    n = n + string_count
  end
  if has_false then
    n = n + 1
    integers[n] = false
  end
  if has_true then
    n = n + 1
    integers[n] = true
  end
  return integers, n
end

local function expect(value, kind, index, name)
  if type(value) ~= kind then
    local got = value == nil and "no value" or type(value)
    error(string_format("bad argument #%d to '%s' (%s expected, got %s)", index, name, kind, got), 3)
  end
end

local math_tointeger = math.tointeger
local function integer_argument(value, fallback)
  if value == nil then
    return fallback
  end
  local number = tonumber(value)
  return number and math_tointeger(number) or 0
end

-- Far past any limit, and far from overflow.
local SPAN_MAX = 1 << 60

-- How many steps a loop from first to last takes, safe from overflow.
local function span(first, last)
  if last < first then
    return 0
  end
  local count = last - first + 1
  return count > 0 and count < SPAN_MAX and count or SPAN_MAX
end

local next_table, next_keys, next_position, next_event

local function ordered_next(t, k)
  expect(t, "table", 1, "next")
  if k == nil then
    if raw_next(t) == nil then
      return nil
    end
    next_table, next_event, next_position = t, current, 0
    next_keys = ordered_keys(t)
  elseif next_event ~= current or next_table ~= t or not rawequal(next_keys[next_position], k) then
    local keys, n = ordered_keys(t)
    local position
    for i = 1, n do
      if rawequal(keys[i], k) then
        position = i
        break
      end
    end
    if not position then
      error("invalid key to 'next'", 2)
    end
    next_table, next_event, next_keys, next_position = t, current, keys, position
  end
  while true do
    next_position = next_position + 1
    local key = next_keys[next_position]
    if key == nil then
      next_table, next_keys = nil, nil
      next_event = nil
      return nil
    end
    local value = rawget(t, key)
    if value ~= nil then
      return key, value
    end
  end
end

local function ordered_pairs(t)
  local metatable = raw_getmetatable(t)
  if metatable and rawget(metatable, "__pairs") ~= nil then
    return raw_pairs(t)
  end
  expect(t, "table", 1, "pairs")
  local keys = ordered_keys(t)
  local position = 0
  return function()
    while true do
      position = position + 1
      local key = keys[position]
      if key == nil then
        return nil
      end
      local value = rawget(t, key)
      if value ~= nil then
        return key, value
      end
    end
  end, t, nil
end

-- Merge sort: stable, and no clock chooses its pivots.
local function stable_sort(t, before)
  expect(t, "table", 1, "sort")
  before = before or function(a, b) return a < b end
  expect(before, "function", 2, "sort")
  local n = #t
  local width = 1
  repeat
    charge(span(1, n))
    width = 2 * width
  until width >= n
  local from, to = {}, {}
  for i = 1, n do
    from[i] = t[i]
  end
  width = 1
  while width < n do
    for low = 1, n, 2 * width do
      local middle, high = low + width, low + 2 * width
      if middle > n + 1 then middle = n + 1 end
      if high > n + 1 then high = n + 1 end
      local i, j = low, middle
      for k = low, high - 1 do
        if i < middle and (j >= high or not before(from[j], from[i])) then
          to[k] = from[i]
          i = i + 1
        else
          to[k] = from[j]
          j = j + 1
        end
      end
    end
    from, to = to, from
    width = 2 * width
  end
  for i = 1, n do
    t[i] = from[i]
  end
end

---------------------------------------------------------------------------------------------------------------------
-- What a script may call

local frozen = {}

-- An empty table that reads through to another and cannot be written.
local function freeze(content, what)
  local proxy = {}
  frozen[proxy] = true
  return raw_setmetatable(proxy, {
    __index = content,
    __newindex = function(_, key)
      error(string_format("'%s' of %s cannot be changed", raw_tostring(key), what), 2)
    end,
    __pairs = function()
      return ordered_pairs(content)
    end,
    __metatable = false,
  })
end

local function copy(from, names)
  local result = {}
  for name in string.gmatch(names, "%S+") do
    result[name] = from[name]
  end
  return result
end

local function safe_tostring(value)
  local kind = type(value)
  if kind == "table" or kind == "userdata" then
    local metatable = raw_getmetatable(value)
    if metatable then
      if rawget(metatable, "__tostring") ~= nil then
        return raw_tostring(value)
      end
      local name = rawget(metatable, "__name")
      if type(name) == "string" then
        return name
      end
    end
    return kind
  elseif kind == "function" or kind == "thread" then
    return kind
  end
  return raw_tostring(value)
end

local patterns = patterns_chunk(charge, options.pattern_steps)

local strings = copy(string, "byte char len lower pack packsize reverse sub unpack upper")
strings.find, strings.match, strings.gmatch, strings.gsub =
  patterns.find, patterns.match, patterns.gmatch, patterns.gsub

strings.byte = function(s, i, j)
  if j ~= nil then
    charge(#s >> 4)
  end
  return string_byte(s, i, j)
end

strings.rep = function(s, n, separator)
  local text = type(s) == "number" and raw_tostring(s) or s
  expect(text, "string", 1, "rep")
  local count = math_tointeger(tonumber(n) or 0.5)
  if not count then
    error("bad argument #2 to 'rep' (a whole number expected)", 2)
  end
  separator = separator == nil and "" or separator
  expect(separator, "string", 3, "rep")
  local width = #text + #separator
  if count <= 0 or width == 0 then
    return ""
  end
  if count > STRING_MAX // width then
    error("resulting string too large", 2)
  end
  charge(count >> 4)
  return string_rep(text, count, separator)
end

strings.format = function(format, ...)
  if type(format) == "string" and string_find(format, "p", 1, true)
    and string_find(string_gsub(format, "%%%%", ""), "%%[-+ #0-9.]*p") then
    error("'%p' would show an address", 2)
  end
  for i = 1, select("#", ...) do
    local kind = type((select(i, ...)))
    if kind == "table" or kind == "function" or kind == "thread" or kind == "userdata" then
      local arguments = table.pack(...)
      for j = i, arguments.n do
        if type(arguments[j]) ~= "number" and type(arguments[j]) ~= "nil" and type(arguments[j]) ~= "boolean" then
          arguments[j] = safe_tostring(arguments[j])
        end
      end
      return string_format(format, table_unpack(arguments, 1, arguments.n))
    end
  end
  return string_format(format, ...)
end

local tables = { pack = table.pack, sort = stable_sort }

tables.concat = function(t, separator, i, j)
  expect(t, "table", 1, "concat")
  charge(span(integer_argument(i, 1), integer_argument(j, #t)) >> 2)
  return table_concat(t, separator, i, j)
end

tables.unpack = function(t, i, j)
  charge(span(integer_argument(i, 1), j == nil and #t or integer_argument(j, 0)) >> 2)
  return table_unpack(t, i, j)
end

tables.move = function(from, first, last, to, target)
  charge(span(integer_argument(first, 1), integer_argument(last, 0)))
  if frozen[target or from] then
    error("a library cannot be changed", 2)
  end
  return table_move(from, first, last, to, target)
end

tables.insert = function(t, ...)
  local count = select("#", ...)
  if count == 2 then
    expect(t, "table", 1, "insert")
    charge(span(integer_argument((...), 1), #t) >> 2)
  end
  return table_insert(t, ...)
end

tables.remove = function(t, ...)
  expect(t, "table", 1, "remove")
  if select("#", ...) > 0 then
    charge(span(integer_argument((...), 1), #t) >> 2)
  end
  return table_remove(t, ...)
end

local maths = copy(math, "abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi "
  .. "rad sin sqrt tan tointeger type ult")

-- One sequence for each event, drawn from the batch's seed and the row: the same whenever the event is processed again.
local random_event = -1
maths.random = function(...)
  if random_event ~= current then
    random_event = current
    math_randomseed(batch_seed, current)
  end
  return math_random(...)
end

local coroutines = copy(coroutine, "close isyieldable resume running status yield")

local COROUTINE_UNITS = 50

local function guarded_coroutine(f)
  expect(f, "function", 1, "create")
  charge(COROUTINE_UNITS)
  return co_create(f)
end

coroutines.create = guarded_coroutine

local function pass(ok, ...)
  if not ok then
    error((...), 0)
  end
  return ...
end

coroutines.wrap = function(f)
  local co = guarded_coroutine(f)
  return function(...)
    return pass(co_resume(co, ...))
  end
end

local utf = copy(utf8, "char charpattern codepoint codes len offset")

local base = copy(_G, "assert error ipairs pcall rawequal rawget rawlen select tonumber type xpcall _VERSION")
base.next, base.pairs, base.tostring = ordered_next, ordered_pairs, safe_tostring

base.rawset = function(t, key, value)
  if frozen[t] then
    error("a library cannot be changed", 2)
  end
  return rawset(t, key, value)
end

base.getmetatable = function(value)
  local metatable = raw_getmetatable(value)
  if metatable == nil then
    return nil
  end
  local shown = rawget(metatable, "__metatable")
  if shown ~= nil then
    return shown
  end
  return metatable
end

base.setmetatable = function(t, metatable)
  if type(metatable) == "table" then
    for _, name in raw_next, { "__gc", "__mode" } do
      if rawget(metatable, name) ~= nil then
        error("'" .. name .. "' cannot be used: what the garbage collector does differs from run to run", 2)
      end
    end
  end
  return raw_setmetatable(t, metatable)
end

base.string, base.table, base.math, base.coroutine, base.utf8 =
  freeze(strings, "string"), freeze(tables, "table"), freeze(maths, "math"), freeze(coroutines, "coroutine"),
  freeze(utf, "utf8")

local module_kit = {
  charge = charge, ordered_keys = ordered_keys, frozen = frozen, getmetatable = raw_getmetatable,
}
local modules = {
  csv = freeze(csv_chunk(module_kit), "csv"),
  json = freeze(json_chunk(module_kit), "json"),
}

base.require = function(name)
  local module = modules[name]
  if not module then
    error("there are two modules, 'csv' and 'json'; not '" .. safe_tostring(name) .. "'", 2)
  end
  return module
end

local string_metatable = raw_getmetatable("")
string_metatable.__index = strings
string_metatable.__metatable = false

---------------------------------------------------------------------------------------------------------------------
-- Loading: the script's main chunk runs at the start of each batch, so what it keeps in its own variables never outlives
-- a batch, and a batch that is processed again finds what it found the first time.

local loading = false
local globals

local function new_environment()
  globals = {}
  for name, value in raw_next, base do
    globals[name] = value
  end
  local environment = {}
  frozen[environment] = true
  globals._G = environment
  local here = globals
  return raw_setmetatable(environment, {
    __index = here,
    __newindex = function(_, key, value)
      if not loading then
        error(string_format(
          "the global '%s' cannot be set while events are processed: what has to be remembered belongs into the accumulator of a reduce",
          safe_tostring(key)), 2)
      end
      here[key] = value
    end,
    __pairs = function()
      return ordered_pairs(here)
    end,
    __metatable = false,
  }), environment
end

local environment_before

local function load_script(seed)
  batch_seed, current, counted_event, used, total = seed, 0, 0, 0, 0
  random_event, next_event = -1, nil
  if environment_before then
    frozen[environment_before] = nil
  end
  local environment
  environment, environment_before = new_environment()
  setupvalue(script, 1, environment)
  loading = true
  local main
  set_meter, main = script(refill)
  local result = main()
  loading = false
  local f = type(result) == "function" and result or globals[ROLE]
  if type(f) ~= "function" then
    error(string_format("the script neither returns a function nor defines one named '%s'", ROLE), 0)
  end
  if limit then
    trip()
  end
  other_function = options.function_line and getinfo(f, "S").linedefined ~= options.function_line
  return f
end

-- A plain value, apart from the original; for an `initial` that is a table.
local function plain_copy(value, depth)
  if type(value) ~= "table" then
    return value
  end
  charge(1)
  if depth > 32 then
    error("'initial' is nested deeper than 32 tables, or holds itself", 0)
  end
  local result = {}
  for k, v in raw_next, value do
    result[k] = plain_copy(v, depth + 1)
  end
  return result
end

local function as_event(result, who)
  if type(result) ~= "table" then
    error(string_format("%s has to return a table of fields, or nil to drop the event; it returned a %s", who, type(result)), 0)
  end
  error(string_format("%s returned an array ([1] is set); an event is a table of named fields, and a map returns one event or nil", who), 0)
end

