-- Lua's pattern functions, bounded. Backtracking in C cannot be stopped, and some patterns take longer than anybody waits.
-- So a pattern is read once and its worst case estimated from the subject's length; where that is small C does the work, as
-- it nearly always does, and otherwise a matcher in Lua, which counts its steps and gives the same answers.

local charge, steps_in_c_max = ...
local type, error, select, tostring, rawget = type, error, select, tostring, rawget
local raw_find, raw_match, raw_gmatch, raw_gsub = string.find, string.match, string.gmatch, string.gsub
local byte, sub, char, concat, unpack = string.byte, string.sub, string.char, table.concat, table.unpack

-- Steps that C may take at worst in one call: some milliseconds.
local STEPS_IN_C_MAX = steps_in_c_max
-- Steps of a plain search, which are faster.
local PLAIN_STEPS_MAX = 1 << 28
local CAPTURES_MAX = 32
local DEPTH_MAX = 190
-- Patterns remembered, and the texts of single characters in them; scripts have few.
local REMEMBERED_MAX = 200

local UNCLOSED, POSITION = -1, -2

---------------------------------------------------------------------------------------------------------------------
-- Reading a pattern

local sets, set_count = {}, 0

-- Which bytes a single character's text (a letter, %a, [a-z]) stands for: C is asked about each.
local function set_of(text)
  local set = sets[text]
  if not set then
    if set_count >= REMEMBERED_MAX then
      sets, set_count = {}, 0
    end
    set = {}
    for b = 0, 255 do
      set[b] = raw_find(char(b), "^" .. text .. "$") ~= nil
    end
    sets[text] = set
    set_count = set_count + 1
  end
  return set
end

local function end_of_set(pattern, i)
  i = i + 1
  if sub(pattern, i, i) == "^" then
    i = i + 1
  end
  repeat
    if i > #pattern then
      error("malformed pattern (missing ']')", 5)
    end
    i = i + (sub(pattern, i, i) == "%" and 2 or 1)
  until sub(pattern, i, i) == "]"
  return i + 1
end

local function parse(pattern, anchors)
  local items, n, i = {}, 0, 1
  local anchored = anchors and sub(pattern, 1, 1) == "^"
  if anchored then
    i = 2
  end
  while i <= #pattern do
    local c = sub(pattern, i, i)
    local after = sub(pattern, i + 1, i + 1)
    local item
    if c == "(" then
      item = { kind = after == ")" and "position" or "open" }
      i = i + (after == ")" and 2 or 1)
    elseif c == ")" then
      item = { kind = "close" }
      i = i + 1
    elseif c == "$" and i == #pattern then
      item = { kind = "end" }
      i = i + 1
    elseif c == "%" and after == "b" then
      if i + 3 > #pattern then
        error("malformed pattern (missing arguments to '%b')", 4)
      end
      item = { kind = "balance", from = byte(pattern, i + 2), to = byte(pattern, i + 3) }
      i = i + 4
    elseif c == "%" and after == "f" then
      if sub(pattern, i + 2, i + 2) ~= "[" then
        error("missing '[' after '%f' in pattern", 4)
      end
      local stop = end_of_set(pattern, i + 2)
      item = { kind = "frontier", set = set_of(sub(pattern, i + 2, stop - 1)) }
      i = stop
    elseif c == "%" and raw_find(after, "^%d$") then
      item = { kind = "back", capture = byte(after) - 48 }
      i = i + 2
    else
      if c == "%" and after == "" then
        error("malformed pattern (ends with '%')", 4)
      end
      local stop = c == "[" and end_of_set(pattern, i) or i + (c == "%" and 2 or 1)
      item = { kind = "single", set = set_of(sub(pattern, i, stop - 1)) }
      local quantifier = sub(pattern, stop, stop)
      if quantifier ~= "" and raw_find(quantifier, "^[*+?-]$") then
        item.quantifier = quantifier
        stop = stop + 1
      end
      i = stop
    end
    n = n + 1
    items[n] = item
  end
  return items, n, anchored
end

local function disjoint(a, b)
  for i = 0, 255 do
    if a[i] and b[i] then
      return false
    end
  end
  return true
end

-- Whether giving back what a repeated item took fails at once, because what has to follow cannot start there.
local function settles(items, n, at)
  for i = at + 1, n do
    local next_item = items[i]
    if next_item.kind == "single" then
      local q = next_item.quantifier
      return (q == nil or q == "+") and disjoint(items[at].set, next_item.set)
    elseif next_item.kind == "end" then
      return true
    elseif next_item.kind ~= "open" and next_item.kind ~= "close" and next_item.kind ~= "position" then
      return false
    end
  end
  return true
end

local programs, program_count = {}, 0

local function program_of(pattern, anchors)
  local key = (anchors and "a" or "g") .. pattern
  local program = programs[key]
  if program then
    return program
  end
  charge(#pattern)
  local items, n, anchored = parse(pattern, anchors)
  program = { items = items, count = n, anchored = anchored, degree = 0, optional = 0, repeats = false }
  for i = 1, n do
    local item = items[i]
    if item.kind == "balance" or item.kind == "back" then
      program.degree = program.degree + 1
    elseif item.quantifier == "?" then
      program.optional = program.optional + 1
    elseif item.quantifier then
      program.repeats = true
      if not settles(items, n, i) then
        program.degree = program.degree + 1
      end
    end
  end
  if program_count >= REMEMBERED_MAX then
    programs, program_count = {}, 0
  end
  programs[key] = program
  program_count = program_count + 1
  return program
end

-- Whether C may do it; what it may take is charged.
local function small(program, length)
  local n = length + 1
  local steps = program.count * (2.0 ^ program.optional) * (n + 0.0) ^ program.degree
  if program.repeats then
    steps = steps * n
  end
  if not program.anchored then
    steps = steps * n
  end
  if steps > STEPS_IN_C_MAX then
    return false
  end
  charge((steps // 256) | 0)
  return true
end

---------------------------------------------------------------------------------------------------------------------
-- The matcher in Lua

local function matcher(program, subject)
  local items, length = program.items, #subject
  local level, starts, lengths = 0, {}, {}
  local steps, depth = 0, 0
  local match

  local function step(count)
    steps = steps + count
    if steps >= 100 then
      charge(steps)
      steps = 0
    end
  end

  local function go(at, i)
    depth = depth + 1
    if depth > DEPTH_MAX then
      error("pattern too complex", 0)
    end
    local result = match(at, i)
    depth = depth - 1
    return result
  end

  local function repeated(item, at, i)
    local set = item.set
    if item.quantifier == "-" then
      while true do
        step(1)
        local result = go(at, i + 1)
        if result then
          return result
        end
        if at > length or not set[byte(subject, at)] then
          return nil
        end
        at = at + 1
      end
    end
    local count = 0
    while at + count <= length and set[byte(subject, at + count)] do
      count = count + 1
      step(1)
    end
    local least = item.quantifier == "+" and 1 or 0
    while count >= least do
      step(1)
      local result = go(at + count, i + 1)
      if result then
        return result
      end
      count = count - 1
    end
    return nil
  end

  local function balance(item, at)
    if byte(subject, at) ~= item.from then
      return nil
    end
    local open = 1
    for j = at + 1, length do
      step(1)
      local b = byte(subject, j)
      if b == item.to then
        open = open - 1
        if open == 0 then
          return j + 1
        end
      elseif b == item.from then
        open = open + 1
      end
    end
    return nil
  end

  local function capture(item, at, i)
    if item.kind == "close" then
      local open = level
      while open > 0 and lengths[open] ~= UNCLOSED do
        open = open - 1
      end
      if open == 0 then
        error("invalid pattern capture", 0)
      end
      lengths[open] = at - starts[open]
      local result = go(at, i + 1)
      if not result then
        lengths[open] = UNCLOSED
      end
      return result
    end
    if level >= CAPTURES_MAX then
      error("too many captures", 0)
    end
    level = level + 1
    starts[level], lengths[level] = at, item.kind == "open" and UNCLOSED or POSITION
    local result = go(at, i + 1)
    if not result then
      level = level - 1
    end
    return result
  end

  match = function(at, i)
    while true do
      local item = items[i]
      if not item then
        return at
      end
      step(1)
      local kind = item.kind
      if kind == "single" then
        local q = item.quantifier
        if q == "?" then
          if at <= length and item.set[byte(subject, at)] then
            local result = go(at + 1, i + 1)
            if result then
              return result
            end
          end
        elseif q then
          return repeated(item, at, i)
        elseif at <= length and item.set[byte(subject, at)] then
          at = at + 1
        else
          return nil
        end
      elseif kind == "end" then
        return at == length + 1 and at or nil
      elseif kind == "frontier" then
        if item.set[at > 1 and byte(subject, at - 1) or 0] or not item.set[byte(subject, at) or 0] then
          return nil
        end
      elseif kind == "balance" then
        at = balance(item, at)
        if not at then
          return nil
        end
      elseif kind == "back" then
        local number = item.capture
        if number == 0 or number > level or lengths[number] == UNCLOSED then
          error("invalid capture index", 0)
        end
        local size = lengths[number] == POSITION and -2 or lengths[number]
        step(size > 0 and size >> 4 or 1)
        if size < 0 or sub(subject, starts[number], starts[number] + size - 1) ~= sub(subject, at, at + size - 1) then
          return nil
        end
        at = at + size
      else
        return capture(item, at, i)
      end
      i = i + 1
    end
  end

  local function captured(number, first, stop)
    if number > level then
      if number == 1 then
        return sub(subject, first, stop - 1)
      end
      error("invalid capture index %" .. number, 0)
    end
    if lengths[number] == POSITION then
      return starts[number]
    elseif lengths[number] == UNCLOSED then
      error("unfinished capture", 0)
    end
    return sub(subject, starts[number], starts[number] + lengths[number] - 1)
  end

  return {
    try = function(at)
      level, depth = 0, 0
      return match(at, 1)
    end,
    captured = captured,
    captures = function(first, stop, whole)
      local result = {}
      local count = level == 0 and whole and 1 or level
      for number = 1, count do
        result[number] = captured(number, first, stop)
      end
      return result, count
    end,
  }
end

local function search(subject, pattern, init, program, finding)
  local machine = matcher(program, subject)
  local at = init
  repeat
    local stop = machine.try(at)
    if stop then
      local captures, count = machine.captures(at, stop, not finding)
      if finding then
        return at, stop - 1, unpack(captures, 1, count)
      end
      return unpack(captures, 1, count)
    end
    at = at + 1
  until at > #subject + 1 or program.anchored
  return nil
end

---------------------------------------------------------------------------------------------------------------------
-- The functions

local function text_of(value)
  return type(value) == "number" and tostring(value) or value
end

local tonumber = tonumber
local tointeger = math.tointeger

local function start_of(init, length)
  local position = init == nil and 1 or tointeger(tonumber(init) or 1) or 1
  if position > 0 then
    return position
  elseif position == 0 or position < -length then
    return 1
  end
  return length + position + 1
end

local function plain_search(s, p, init, plain)
  if #s > 0 and #p > PLAIN_STEPS_MAX // #s then
    error("the texts are too long to search one for the other", 3)
  end
  charge((#s * #p) >> 8)
  return raw_find(s, p, init, plain)
end

local function find(s, p, init, plain)
  s, p = text_of(s), text_of(p)
  if type(s) ~= "string" or type(p) ~= "string" then
    return raw_find(s, p, init, plain)
  end
  if plain or not raw_find(p, "[%^%$%*%+%?%.%(%)%[%]%%%-]") then
    return plain_search(s, p, init, plain)
  end
  local program = program_of(p, true)
  if small(program, #s) then
    return raw_find(s, p, init)
  end
  local first = start_of(init, #s)
  if first > #s + 1 then
    return nil
  end
  return search(s, p, first, program, true)
end

local function match(s, p, init)
  s, p = text_of(s), text_of(p)
  if type(s) ~= "string" or type(p) ~= "string" then
    return raw_match(s, p, init)
  end
  local program = program_of(p, true)
  if small(program, #s) then
    return raw_match(s, p, init)
  end
  local first = start_of(init, #s)
  if first > #s + 1 then
    return nil
  end
  return search(s, p, first, program, false)
end

local function gmatch(s, p, init)
  s, p = text_of(s), text_of(p)
  if type(s) ~= "string" or type(p) ~= "string" then
    return raw_gmatch(s, p, init)
  end
  local program = program_of(p, false)
  if small(program, #s) then
    return raw_gmatch(s, p, init)
  end
  local machine = matcher(program, s)
  local at, last = start_of(init, #s), nil
  return function()
    while at <= #s + 1 do
      local stop = machine.try(at)
      if stop and stop ~= last then
        local captures, count = machine.captures(at, stop, true)
        at, last = stop, stop
        return unpack(captures, 1, count)
      end
      at = at + 1
    end
    return nil
  end
end

local function expand(replacement, machine, first, stop, whole)
  return (raw_gsub(replacement, "%%(.?)", function(c)
    if c == "%" then
      return "%"
    elseif c == "0" then
      return whole
    elseif raw_find(c, "^%d$") then
      return tostring(machine.captured(byte(c) - 48, first, stop))
    end
    error("invalid use of '%' in replacement string", 0)
  end))
end

local function gsub(s, p, replacement, count)
  s, p = text_of(s), text_of(p)
  local kind = type(replacement)
  if type(s) ~= "string" or type(p) ~= "string"
    or kind ~= "string" and kind ~= "number" and kind ~= "table" and kind ~= "function" then
    return raw_gsub(s, p, replacement, count)
  end
  local program = program_of(p, true)
  if small(program, #s) then
    return raw_gsub(s, p, replacement, count)
  end
  replacement = text_of(replacement)
  local most = count == nil and #s + 1 or tointeger(tonumber(count) or 0) or 0
  local machine = matcher(program, s)
  local parts, n, at, last, done = {}, 0, 1, nil, 0
  while done < most do
    local stop = machine.try(at)
    if stop and stop ~= last then
      done = done + 1
      local whole = sub(s, at, stop - 1)
      local value
      if kind == "table" then
        value = replacement[machine.captured(1, at, stop)]
      elseif kind == "function" then
        local captures, captured = machine.captures(at, stop, true)
        value = replacement(unpack(captures, 1, captured))
      else
        value = expand(replacement, machine, at, stop, whole)
      end
      if not value then
        value = whole
      elseif type(value) ~= "string" and type(value) ~= "number" then
        error("invalid replacement value (a " .. type(value) .. ")", 0)
      end
      n = n + 1
      parts[n] = value
      at, last = stop, stop
    elseif at <= #s then
      n = n + 1
      parts[n] = sub(s, at, at)
      at = at + 1
    else
      break
    end
    if at > #s + 1 or program.anchored then
      break
    end
  end
  n = n + 1
  parts[n] = sub(s, at)
  return concat(parts), done
end

return { find = find, match = match, gmatch = gmatch, gsub = gsub }
