-- Calls under way at once, per subject and rule, counted for each gateway apart: what a dead one held lapses.
--
-- KEYS     a hash for each: "n<gateway>" -> calls, "x<gateway>" -> ms at which they lapse
-- ARGV     mode: take, back or set; gateway, ms that a word of it is good for; then for each key a number: the limit (take),
--          calls (back), or all calls that the gateway holds (set: the word of a gateway that lives)
-- returns  take: 0 where a call was counted under all keys, else the number of the key that is full (from 1)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mode, gateway, good = ARGV[1], ARGV[2], tonumber(ARGV[3])
local mine, until_ = 'n' .. gateway, 'x' .. gateway

local function keep(key)
  redis.call('HSET', key, until_, string.format('%.0f', now + good))
  redis.call('PEXPIRE', key, string.format('%.0f', 2 * good))
end

if mode == 'take' then
  for k, key in ipairs(KEYS) do
    local stored, calls, lapses = redis.call('HGETALL', key), {}, {}
    for i = 1, #stored, 2 do
      local who = string.sub(stored[i], 2)
      if string.sub(stored[i], 1, 1) == 'n' then
        calls[who] = tonumber(stored[i + 1])
      else
        lapses[who] = tonumber(stored[i + 1])
      end
    end
    local sum = 0
    for who, n in pairs(calls) do
      if (lapses[who] or 0) > now then
        sum = sum + n
      else
        redis.call('HDEL', key, 'n' .. who, 'x' .. who)
      end
    end
    if sum >= tonumber(ARGV[3 + k]) then
      return k
    end
  end
  for _, key in ipairs(KEYS) do
    redis.call('HINCRBY', key, mine, 1)
    keep(key)
  end
  return 0
end

for k, key in ipairs(KEYS) do
  local n = tonumber(ARGV[3 + k])
  if mode == 'back' then
    n = (tonumber(redis.call('HGET', key, mine)) or 0) - n
  end
  if n > 0 then
    redis.call('HSET', key, mine, n)
    keep(key)
  else
    redis.call('HDEL', key, mine, until_)
  end
end
return 0
