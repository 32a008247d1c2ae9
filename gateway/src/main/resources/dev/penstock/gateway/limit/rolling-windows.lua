-- Decides about one request in all windows of one key at once: it counts in all of them or in none.
-- The twin of dev.penstock.gateway.policy.RollingWindow; both must decide alike.
--
-- KEYS[1]  a hash whose fields are "<window number>:<sub-bucket number>" and whose values are requests
-- ARGV     parts per window, then for each window its length in ms and its limit
-- returns  { admitted (0/1), number of the window that refused or else of the tightest (from 1),
--            remaining in it, ms until it is empty, ms until the request would be admitted }
--
-- A sub-bucket counts in full until all of it has left the window, so no window ever holds more than its limit.
-- Time is the server's own: gateways' clocks do not matter.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local parts = tonumber(ARGV[1])
local windows = (#ARGV - 1) / 2

local length, limit, part, current, counts, used = {}, {}, {}, {}, {}, {}
for w = 1, windows do
  length[w] = tonumber(ARGV[2 * w])
  limit[w] = tonumber(ARGV[2 * w + 1])
  part[w] = math.max(1, math.floor(length[w] / parts))
  current[w] = math.floor(now / part[w])
  counts[w] = {}
  used[w] = 0
end

-- Read all, drop what has left its window: so the hash never has more than windows x (parts + 1) fields.
local gone = {}
local stored = redis.call('HGETALL', KEYS[1])
for i = 1, #stored, 2 do
  local colon = string.find(stored[i], ':', 1, true)
  local w = tonumber(string.sub(stored[i], 1, colon - 1))
  local bucket = tonumber(string.sub(stored[i], colon + 1))
  if w > windows or bucket < current[w] - parts or bucket > current[w] then
    gone[#gone + 1] = stored[i]
  else
    local n = tonumber(stored[i + 1])
    counts[w][bucket] = n
    used[w] = used[w] + n
  end
end
if #gone > 0 then
  redis.call('HDEL', KEYS[1], unpack(gone))
end

local function empty_in(w)
  for bucket = current[w], current[w] - parts, -1 do
    if counts[w][bucket] then
      return (bucket + 1) * part[w] + length[w] - now
    end
  end
  return 0
end

-- The longest wait over all windows decides.
local refusing, longest = 0, 0
for w = 1, windows do
  local left = used[w]
  local bucket = current[w] - parts
  local wait = 0
  while left >= limit[w] and bucket <= current[w] do
    left = left - (counts[w][bucket] or 0)
    wait = (bucket + 1) * part[w] + length[w] - now
    bucket = bucket + 1
  end
  if wait > longest then
    refusing, longest = w, wait
  end
end
if refusing > 0 then
  return { 0, refusing, 0, empty_in(refusing), longest }
end

local tightest, least, keep = 1, nil, 0
for w = 1, windows do
  redis.call('HINCRBY', KEYS[1], w .. ':' .. string.format('%.0f', current[w]), 1)
  counts[w][current[w]] = (counts[w][current[w]] or 0) + 1
  local remaining = limit[w] - used[w] - 1
  if least == nil or remaining < least then
    tightest, least = w, remaining
  end
  keep = math.max(keep, length[w] + part[w])
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', keep))
return { 1, tightest, math.max(0, least), empty_in(tightest), 0 }
