-- Comma-separated values, a line at a time: fields may be quoted with ", and "" in a quoted field is one ".

local kit = ...
local charge = kit.charge
local type, error, tostring, math_type = type, error, tostring, math.type
local find, sub, gsub, rep, match, byte, concat =
  string.find, string.sub, string.gsub, string.rep, string.match, string.byte, table.concat

local function separator_of(separator)
  if separator == nil then
    return ","
  end
  if type(separator) ~= "string" or #separator ~= 1 or separator == '"' then
    error("a separator is one character other than '\"'", 3)
  end
  return separator
end

local function line_of(line)
  if type(line) ~= "string" then
    error("a line of text is needed, not a " .. type(line), 3)
  end
  charge(#line >> 2)
  -- The end of the line, where the text was cut at LF alone or not at all.
  local last = byte(line, -1)
  if last == 10 then
    line = sub(line, 1, byte(line, -2) == 13 and -3 or -2)
  elseif last == 13 then
    line = sub(line, 1, -2)
  end
  return line
end

-- One field from position on: its text, and where the next starts (nil at the end).
local function field_at(line, position, separator)
  if sub(line, position, position) ~= '"' then
    local stop = find(line, separator, position, true)
    if stop then
      return sub(line, position, stop - 1), stop + 1
    end
    return sub(line, position), nil
  end
  local from = position + 1
  local scan = from
  while true do
    local quote = find(line, '"', scan, true)
    if not quote then
      error("the quote at character " .. position .. " is never closed", 0)
    end
    local after = sub(line, quote + 1, quote + 1)
    if after == '"' then
      scan = quote + 2
    elseif after == "" or after == separator then
      local text = gsub(sub(line, from, quote - 1), '""', '"')
      return text, after ~= "" and quote + 2 or nil
    else
      error("there is text behind the closing quote at character " .. quote, 0)
    end
  end
end

local function parse(line, separator)
  separator = separator_of(separator)
  line = line_of(line)
  local fields, n, position = {}, 0, 1
  if not find(line, '"', 1, true) then
    while true do
      local stop = find(line, separator, position, true)
      n = n + 1
      if not stop then
        fields[n] = sub(line, position)
        return fields
      end
      fields[n] = sub(line, position, stop - 1)
      position = stop + 1
    end
  end
  repeat
    n = n + 1
    fields[n], position = field_at(line, position, separator)
  until not position
  return fields
end

-- Patterns that skip to a field, by number; for the usual separator and lines without quotes.
local FIELD_PATTERN_MAX = 100
local field_patterns = {}
for i = 1, FIELD_PATTERN_MAX do
  field_patterns[i] = "^" .. rep("[^,]*,", i - 1) .. "([^,]*)"
end

-- One field by its number, from 1, without making the others; nil when the line has fewer.
local function field(line, index, separator)
  separator = separator and separator_of(separator) or ","
  line = line_of(line)
  if math_type(index) ~= "integer" or index < 1 then
    error("fields are numbered from 1", 2)
  end
  if separator == "," and index <= FIELD_PATTERN_MAX and not find(line, '"', 1, true) then
    return match(line, field_patterns[index])
  end
  local position = 1
  for _ = 2, index do
    local _, behind = field_at(line, position, separator)
    if not behind then
      return nil
    end
    position = behind
  end
  return (field_at(line, position, separator))
end

local function format(fields, separator)
  separator = separator_of(separator)
  if type(fields) ~= "table" then
    error("an array of fields is needed, not a " .. type(fields), 2)
  end
  local parts = {}
  for i = 1, #fields do
    local value = fields[i]
    local kind = type(value)
    if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      error("field " .. i .. " is a " .. kind, 2)
    end
    local text = tostring(value)
    if find(text, '"', 1, true) or find(text, separator, 1, true) or find(text, "\n", 1, true) or find(text, "\r", 1, true)
      or (text == "" and #fields == 1) then
      text = '"' .. gsub(text, '"', '""') .. '"'
    end
    parts[i] = text
  end
  return concat(parts, separator)
end

return { parse = parse, field = field, format = format }
