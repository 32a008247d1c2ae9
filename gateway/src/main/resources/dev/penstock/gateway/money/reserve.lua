-- Sets an amount aside in all budgets that pay for a call, or in none.
--
-- KEYS[1]   the reservations by the moment at which they lapse (sorted set)
-- KEYS[2]   the reservations themselves (hash): amount and the keys of the budgets, separated by spaces
-- KEYS[3..] one hash per budget and period: spent, reserved, both in nano-dollars
-- ARGV[1]   id of the reservation    ARGV[2] amount    ARGV[3] now    ARGV[4] when it lapses, both in ms
-- ARGV[5..] for KEYS[3..]: the limit, or -1 for a budget that only counts
--
-- Answers {1, 0, used, used, ...} if admitted; {0, n, used, ...} where the n-th budget has too little left;
-- {-1, n} where the n-th is not known here and must be made first.
-- A reservation that lapses belongs to a gateway that died: it counts as spent.

local SWEEP = 100

local lapsed = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, SWEEP)
for _, id in ipairs(lapsed) do
    local held = redis.call('HGET', KEYS[2], id)
    if held then
        local amount
        for part in string.gmatch(held, '%S+') do
            if not amount then
                amount = part
            elseif redis.call('EXISTS', part) == 1 then
                redis.call('HINCRBY', part, 'reserved', '-' .. amount)
                redis.call('HINCRBY', part, 'spent', amount)
            end
        end
        redis.call('HDEL', KEYS[2], id)
    end
    redis.call('ZREM', KEYS[1], id)
end

local amount = tonumber(ARGV[2])
local used = {}
for i = 3, #KEYS do
    local state = redis.call('HMGET', KEYS[i], 'spent', 'reserved')
    if not state[1] then
        return {-1, i - 2}
    end
    used[i - 2] = tonumber(state[1]) + tonumber(state[2] or '0')
end
for i = 3, #KEYS do
    local limit = tonumber(ARGV[i + 2])
    if limit >= 0 and amount > 0 and used[i - 2] + amount > limit then
        return {0, i - 2, unpack(used)}
    end
end
if amount > 0 then
    local held = ARGV[2]
    for i = 3, #KEYS do
        redis.call('HINCRBY', KEYS[i], 'reserved', ARGV[2])
        held = held .. ' ' .. KEYS[i]
    end
    redis.call('HSET', KEYS[2], ARGV[1], held)
    redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1])
end
return {1, 0, unpack(used)}
