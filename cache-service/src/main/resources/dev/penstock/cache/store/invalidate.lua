-- Numbers one invalidation and remembers it.
-- KEYS[1] hash of scopes, '#' holds the highest number; KEYS[2] sorted set of single keys
-- ARGV    scope name, highest number the caller knows (an emptied Redis must not rewind), most scopes, most keys
-- returns the number
local number = math.max(tonumber(redis.call('HGET', KEYS[1], '#') or '0'), tonumber(ARGV[2])) + 1
local text = string.format('%.0f', number)
redis.call('HSET', KEYS[1], '#', text)
if string.sub(ARGV[1], 1, 2) == 'k:' then
  redis.call('ZADD', KEYS[2], text, ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -(tonumber(ARGV[4]) + 1))
else
  redis.call('HSET', KEYS[1], ARGV[1], text)
  if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[3]) then
    -- Too many tenants to remember each: forget everything once instead.
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], '#', text, '*', text)
  end
end
return text
