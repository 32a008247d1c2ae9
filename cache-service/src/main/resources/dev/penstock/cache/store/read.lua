-- What is new since a member read last.
-- KEYS[1] hash of scopes; KEYS[2] sorted set of single keys
-- ARGV    number up to which the member has read; below 0 for all
-- returns highest number, then scope name and number, again and again; the number alone where nothing is new
local highest = redis.call('HGET', KEYS[1], '#') or '0'
local result = {highest}
if tonumber(highest) == tonumber(ARGV[1]) then
  return result
end
local scopes = redis.call('HGETALL', KEYS[1])
for i = 1, #scopes, 2 do
  if scopes[i] ~= '#' then
    result[#result + 1] = scopes[i]
    result[#result + 1] = scopes[i + 1]
  end
end
local keys = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES')
for i = 1, #keys do
  result[#result + 1] = keys[i]
end
return result
