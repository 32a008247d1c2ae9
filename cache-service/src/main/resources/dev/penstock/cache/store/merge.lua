-- Teaches Redis what a member knows; numbers only grow.
-- KEYS[1] hash of scopes; KEYS[2] sorted set of single keys
-- ARGV    highest number known, most scopes, most keys, then scope name and number, again and again
-- returns the highest number
local function raise(field, value)
  if tonumber(redis.call('HGET', KEYS[1], field) or '0') < tonumber(value) then
    redis.call('HSET', KEYS[1], field, value)
  end
end
raise('#', ARGV[1])
for i = 4, #ARGV, 2 do
  if string.sub(ARGV[i], 1, 2) == 'k:' then
    redis.call('ZADD', KEYS[2], 'GT', ARGV[i + 1], ARGV[i])
  else
    raise(ARGV[i], ARGV[i + 1])
  end
end
local highest = redis.call('HGET', KEYS[1], '#')
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -(tonumber(ARGV[3]) + 1))
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], '#', highest, '*', highest)
end
return highest
