-- The registry of instances: takes out those whose lease is over, then does one thing. Always one round trip.
--
-- KEYS[1]  hash: "<pool>|<id>" -> "<weight> <url>"
-- KEYS[2]  sorted set: "<pool>|<id>" by the end of its lease in ms of the server's clock
-- ARGV     op ("put", "drop" or "list"); for "put": id, value, lease in ms, prefix of the pool, most in it; for "drop": id
-- returns  "put": 1, or 0 where the pool is full; "drop": 1, or 0 where there was none;
--          "list": id, value, ms left, id, value, ms left, ...
--
-- Time is the server's own: gateways' clocks do not matter. Both keys go by themselves after the last lease.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)
for _, id in ipairs(over) do
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end

local op = ARGV[1]
if op == 'put' then
  local id, value, lease, prefix, most = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
  if redis.call('HEXISTS', KEYS[1], id) == 0 then
    local there = 0
    for _, other in ipairs(redis.call('HKEYS', KEYS[1])) do
      if string.sub(other, 1, #prefix) == prefix then there = there + 1 end
    end
    if there >= most then return 0 end
  end
  redis.call('HSET', KEYS[1], id, value)
  redis.call('ZADD', KEYS[2], now + lease, id)
  local ends = math.max(lease, redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2]))
  redis.call('PEXPIRE', KEYS[1], ends)
  redis.call('PEXPIRE', KEYS[2], ends)
  return 1
elseif op == 'drop' then
  redis.call('ZREM', KEYS[2], ARGV[2])
  return redis.call('HDEL', KEYS[1], ARGV[2])
end

local answer = {}
local leases = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #leases, 2 do
  local value = redis.call('HGET', KEYS[1], leases[i])
  if value then
    answer[#answer + 1] = leases[i]
    answer[#answer + 1] = value
    answer[#answer + 1] = math.floor(tonumber(leases[i + 1]) - now)
  end
end
return answer
