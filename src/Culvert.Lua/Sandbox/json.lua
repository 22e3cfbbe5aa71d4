-- JSON (RFC 8259). Objects and arrays become tables, null becomes json.null; a number without fraction or exponent that
-- fits becomes an integer. Encoding writes keys in the order of their bytes, so that equal values give equal text.

local kit = ...
local type, error, tonumber, rawget = type, error, tonumber, rawget
local find, sub, byte, char, format, gsub, match, concat =
  string.find, string.sub, string.byte, string.char, string.format, string.gsub, string.match, table.concat
local math_type, tointeger, huge, floor = math.type, math.tointeger, math.huge, math.floor
local utf8_char = utf8.char
local setmetatable, getmetatable = setmetatable, kit.getmetatable

-- Deeper input is an attack or a mistake; it also keeps clear of the limit on C calls.
local DEPTH_MAX = 64

local null = setmetatable({}, {
  __newindex = function() error("json.null cannot be changed", 2) end,
  __tostring = function() return "null" end,
  __metatable = false,
})
kit.frozen[null] = true

local array_mark = { __metatable = "array" }

local escapes = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

local function fail(position, what)
  error(format("JSON: %s at character %d", what, position), 0)
end

local function skip(text, position)
  return (find(text, "[^ \t\r\n]", position)) or #text + 1
end

local function hex4(text, position)
  local digits = match(text, "^%x%x%x%x", position)
  if not digits then
    fail(position, "four hexadecimal digits expected")
  end
  return tonumber(digits, 16)
end

local function decode_string(text, position)
  -- position is behind the opening quote
  local parts, n = nil, 0
  local start = position
  while true do
    local stop = find(text, '["\\%c]', position)
    if not stop then
      fail(start - 1, "a string that is never closed")
    end
    local c = sub(text, stop, stop)
    if c == '"' then
      local rest = sub(text, position, stop - 1)
      if not parts then
        return rest, stop + 1
      end
      parts[n + 1] = rest
      return concat(parts), stop + 1
    elseif c == "\\" then
      parts = parts or {}
      n = n + 1
      parts[n] = sub(text, position, stop - 1)
      local e = sub(text, stop + 1, stop + 1)
      local plain = escapes[e]
      n = n + 1
      if plain then
        parts[n] = plain
        position = stop + 2
      elseif e == "u" then
        local code = hex4(text, stop + 2)
        position = stop + 6
        if code >= 0xD800 and code < 0xDC00 then
          if sub(text, position, position + 1) ~= "\\u" then
            fail(stop, "half a surrogate pair")
          end
          local low = hex4(text, position + 2)
          if low < 0xDC00 or low > 0xDFFF then
            fail(stop, "half a surrogate pair")
          end
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
          position = position + 6
        elseif code >= 0xDC00 and code < 0xE000 then
          fail(stop, "half a surrogate pair")
        end
        parts[n] = utf8_char(code)
      else
        fail(stop, "an unknown escape")
      end
    elseif c == "\127" then
      parts = parts or {}
      n = n + 1
      parts[n] = sub(text, position, stop)
      position = stop + 1
    else
      fail(stop, "a control character in a string")
    end
  end
end

local function decode_number(text, position)
  local whole = match(text, "^-?%d+", position)
  if not whole then
    fail(position, "a value expected")
  end
  local digits = match(whole, "%d+")
  if #digits > 1 and byte(digits) == 48 then
    fail(position, "a number with a leading zero")
  end
  local behind = position + #whole
  local fraction = match(text, "^%.%d+", behind)
  if fraction then
    behind = behind + #fraction
  elseif sub(text, behind, behind) == "." then
    fail(behind, "a digit expected behind the point")
  end
  local exponent = match(text, "^[eE][+-]?%d+", behind)
  if exponent then
    behind = behind + #exponent
  elseif find(text, "^[eE]", behind) then
    fail(behind, "a digit expected in the exponent")
  end
  local number
  if fraction or exponent or (whole == "-0") then
    number = tonumber(sub(text, position, behind - 1)) + 0.0
    if number == 0 and byte(whole) == 45 then
      number = -0.0
    end
  else
    number = tonumber(whole)
  end
  if number == huge or number == -huge then
    fail(position, "a number out of range")
  end
  return number, behind
end

local decode_value

local function decode_array(text, position, depth)
  local result, n = setmetatable({}, array_mark), 0
  position = skip(text, position)
  if byte(text, position) == 93 then
    return result, position + 1
  end
  while true do
    n = n + 1
    result[n], position = decode_value(text, position, depth + 1)
    position = skip(text, position)
    local c = byte(text, position)
    if c == 93 then
      return result, position + 1
    elseif c ~= 44 then
      fail(position, "',' or ']' expected")
    end
    position = skip(text, position + 1)
  end
end

local function decode_object(text, position, depth)
  local result = {}
  position = skip(text, position)
  if byte(text, position) == 125 then
    return result, position + 1
  end
  while true do
    if byte(text, position) ~= 34 then
      fail(position, "a key in quotes expected")
    end
    local at = position
    local key
    key, position = decode_string(text, position + 1)
    if rawget(result, key) ~= nil then
      fail(at, "a key that occurs twice")
    end
    position = skip(text, position)
    if byte(text, position) ~= 58 then
      fail(position, "':' expected")
    end
    result[key], position = decode_value(text, skip(text, position + 1), depth + 1)
    position = skip(text, position)
    local c = byte(text, position)
    if c == 125 then
      return result, position + 1
    elseif c ~= 44 then
      fail(position, "',' or '}' expected")
    end
    position = skip(text, position + 1)
  end
end

decode_value = function(text, position, depth)
  local c = byte(text, position)
  if c == 34 then
    return decode_string(text, position + 1)
  elseif c == 123 or c == 91 then
    if depth >= DEPTH_MAX then
      fail(position, "nested too deep (more than " .. DEPTH_MAX .. ")")
    end
    return (c == 123 and decode_object or decode_array)(text, position + 1, depth)
  elseif c == 116 and sub(text, position, position + 3) == "true" then
    return true, position + 4
  elseif c == 102 and sub(text, position, position + 4) == "false" then
    return false, position + 5
  elseif c == 110 and sub(text, position, position + 3) == "null" then
    return null, position + 4
  elseif not c then
    fail(position, "a value expected, the text ends")
  end
  return decode_number(text, position)
end

local function decode(text)
  if type(text) ~= "string" then
    error("text is needed, not a " .. type(text), 2)
  end
  kit.charge(#text)
  local value, position = decode_value(text, skip(text, 1), 0)
  position = skip(text, position)
  if position <= #text then
    fail(position, "text behind the value")
  end
  return value
end

local escaped = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
for i = 0, 31 do
  escaped[char(i)] = escaped[char(i)] or format("\\u%04x", i)
end

local function encode_string(text)
  kit.charge(#text >> 3)
  return '"' .. gsub(text, '[%c"\\]', escaped) .. '"'
end

local function encode_number(value)
  if math_type(value) == "integer" then
    return format("%d", value)
  end
  if value ~= value or value == huge or value == -huge then
    error("JSON has no word for " .. (value ~= value and "NaN" or "infinity"), 0)
  end
  for digits = 15, 17 do
    local text = format("%." .. digits .. "g", value)
    if tonumber(text) == value then
      -- A float stays a float when it is read again.
      return find(text, "[.e]") and text or text .. ".0"
    end
  end
end

local encode_value

encode_value = function(value, parts, n, depth)
  local kind = type(value)
  if kind == "string" then
    parts[n + 1] = encode_string(value)
    return n + 1
  elseif kind == "number" then
    parts[n + 1] = encode_number(value)
    return n + 1
  elseif kind == "boolean" then
    parts[n + 1] = value and "true" or "false"
    return n + 1
  elseif value == nil or value == null then
    parts[n + 1] = "null"
    return n + 1
  elseif kind ~= "table" then
    error("JSON has no word for a " .. kind, 0)
  end
  if depth >= DEPTH_MAX then
    error("JSON: nested too deep (more than " .. DEPTH_MAX .. "), or a table that holds itself", 0)
  end
  kit.charge(1)
  local keys, count = kit.ordered_keys(value)
  if count == 0 then
    parts[n + 1] = getmetatable(value) == array_mark and "[]" or "{}"
    return n + 1
  end
  local is_array = math_type(keys[1]) == "integer"
  for i = 1, count do
    if is_array and keys[i] ~= i or not is_array and type(keys[i]) ~= "string" then
      error("JSON: a table is an array without holes, or has text for keys", 0)
    end
  end
  local separator = is_array and "[" or "{"
  for i = 1, count do
    n = n + 1
    parts[n] = is_array and separator or separator .. encode_string(keys[i]) .. ":"
    n = encode_value(rawget(value, keys[i]), parts, n, depth + 1)
    separator = ","
  end
  parts[n + 1] = is_array and "]" or "}"
  return n + 1
end

local function encode(value)
  local parts = {}
  encode_value(value, parts, 0, 0)
  return concat(parts)
end

-- A table that is an array even while it is empty.
local function array(items)
  return setmetatable(items or {}, array_mark)
end

return { decode = decode, encode = encode, null = null, array = array }
