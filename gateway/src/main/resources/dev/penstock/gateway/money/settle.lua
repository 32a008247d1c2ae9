-- Replaces what was set aside by what was used. A reservation that is not there any more lapsed, and was counted as spent:
-- then the difference is made good. One that an emptied Redis forgot counts in full.
--
-- KEYS[1] reservations by moment    KEYS[2] reservations    KEYS[3..] the budgets
-- ARGV[1] id    ARGV[2] amount set aside    ARGV[3] amount used    ARGV[4] now    ARGV[5] when it lapses, both in ms

local held = redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
local lapsed = held == 0 and tonumber(ARGV[2]) > 0 and tonumber(ARGV[5]) <= tonumber(ARGV[4])
for i = 3, #KEYS do
    if redis.call('EXISTS', KEYS[i]) == 1 then
        if held == 1 then
            redis.call('HINCRBY', KEYS[i], 'reserved', '-' .. ARGV[2])
        end
        redis.call('HINCRBY', KEYS[i], 'spent', ARGV[3])
        if lapsed then
            redis.call('HINCRBY', KEYS[i], 'spent', '-' .. ARGV[2])
        end
    end
end
return 1
