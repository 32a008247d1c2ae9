-- Decides about calls under all limits of several subjects at once: they count under all of them or under none.
-- The twin of dev.penstock.gateway.policy.WindowSet; both must decide alike.
--
-- KEYS     a hash for each subject and rule: "<length ms>:<part number>" -> what was used in that part of a window,
--          "t<length ms>" -> theoretical arrival time of a smoothed rate in us, "f<length ms>" -> when it was last full
-- ARGV     parts per window, calls that wait now, calls wanted (more than wait: a lease), gateways, lease's life in ms,
--          how far ahead in ms a lease of a smoothed rate may begin; then for each key: the cost of a call, a correction
--          (negative: give back), the ms and us that it belongs to, the number of limits, and for each limit its length
--          in ms, its most and its burst (0: a window)
-- returns  { admitted calls, number of the key and of its limit that refused or else is the tightest (both from 1),
--            remaining calls, ms until that limit is unused, ms until one call would be admitted (-1: never),
--            ms until the lease begins, us of the decision }
--
-- A part counts in full until all of it has left the window, and a lease counts in the part in which it ends: so no
-- window ever holds more than its limit. Time is the server's own: gateways' clocks do not matter.
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2]
local now = math.floor(us / 1000)
local parts, need, want, shares, life, ahead =
  tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local function text(n)
  return string.format('%.0f', n)
end

local subjects = {}
local at = 7
for k = 1, #KEYS do
  local s = { key = KEYS[k], cost = tonumber(ARGV[at]), limits = {} }
  local correction, corrected, taken = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local count = tonumber(ARGV[at + 4])
  at = at + 5
  local by = {}
  for l = 1, count do
    local limit = { length = tonumber(ARGV[at]), most = tonumber(ARGV[at + 1]), burst = tonumber(ARGV[at + 2]) }
    at = at + 3
    limit.name = text(limit.length)
    if limit.burst > 0 then
      limit.gap = limit.length * 1000 / limit.most
    else
      limit.part = math.max(1, math.floor(limit.length / parts))
      limit.current = math.floor(now / limit.part)
      limit.counts, limit.used = {}, 0
      by[limit.name] = limit
    end
    s.limits[l] = limit
  end

  -- Read all, drop what has left its window: so the hash never has more than windows x (parts + 2) fields and two a rate.
  local gone, stored, rates = {}, redis.call('HGETALL', s.key), {}
  for i = 1, #stored, 2 do
    local field = stored[i]
    local colon = string.find(field, ':', 1, true)
    if colon == nil then
      rates[field] = tonumber(stored[i + 1])
    else
      local limit = by[string.sub(field, 1, colon - 1)]
      local part = tonumber(string.sub(field, colon + 1))
      if limit == nil or part < limit.current - parts or part > limit.current + 1 then
        gone[#gone + 1] = field
      else
        limit.counts[part] = tonumber(stored[i + 1])
        limit.used = limit.used + limit.counts[part]
      end
    end
  end
  if #gone > 0 then
    redis.call('HDEL', s.key, unpack(gone))
  end

  local keep = 0
  for l = 1, count do
    local limit = s.limits[l]
    if limit.burst > 0 then
      limit.arrival, limit.full = rates['t' .. limit.name], rates['f' .. limit.name]
      if correction < 0 and limit.arrival and taken >= (limit.full or 0) then
        limit.arrival = limit.arrival + correction * limit.gap
        redis.call('HSET', s.key, 't' .. limit.name, text(limit.arrival))
      end
      limit.base = math.max(limit.arrival or us, us)
    elseif correction ~= 0 then
      local part = correction > 0 and limit.current or math.floor(corrected / limit.part)
      local held = limit.counts[part] or 0
      local kept = math.max(0, held + correction)
      if kept ~= held then
        limit.counts[part] = kept
        limit.used = limit.used + kept - held
        redis.call('HSET', s.key, limit.name .. ':' .. text(part), text(kept))
      end
      keep = math.max(keep, limit.length + 2 * limit.part)
    end
  end
  if correction > 0 and keep > 0 then
    redis.call('PEXPIRE', s.key, text(keep))
  end
  subjects[k] = s
end

local function reset(limit)
  if limit.burst > 0 then
    return math.ceil((limit.base - us) / 1000)
  end
  for part = limit.current + 1, limit.current - parts, -1 do
    if (limit.counts[part] or 0) > 0 then
      return (part + 1) * limit.part + limit.length - now
    end
  end
  return 0
end

if want == 0 then
  return { 0, 1, 1, 0, 0, 0, 0, us }
end

-- How many the limits allow, and how long one call would have to wait under each of them: the longest decides.
local allowed, lease, longest, refusing_key, refusing_limit = math.huge, want, 0, 0, 0
local most_at_once, there = math.huge, math.huge
for k, s in ipairs(subjects) do
  for l, limit in ipairs(s.limits) do
    local wait = 0
    if limit.burst > 0 then
      local begins = limit.base + s.cost * limit.gap - limit.burst * limit.gap - us
      if s.cost > limit.burst then
        return { 0, k, l, 0, reset(limit), -1, 0, us }
      end
      if begins > ahead * 1000 then
        wait = math.ceil(begins / 1000 - ahead)
      end
      most_at_once = math.min(most_at_once, math.floor(limit.burst / s.cost))
      there = math.min(there, math.floor((limit.burst * limit.gap - (limit.base - us)) / limit.gap / s.cost + 1e-9))
      if ahead == 0 then
        allowed = math.min(allowed, there)
      end
    else
      if s.cost > limit.most then
        return { 0, k, l, 0, reset(limit), -1, 0, us }
      end
      local left = limit.used
      local part = limit.current - parts
      while left + s.cost > limit.most and part <= limit.current + 1 do
        left = left - (limit.counts[part] or 0)
        wait = (part + 1) * limit.part + limit.length - now
        part = part + 1
      end
      local units = math.floor((limit.most - limit.used) / s.cost)
      allowed = math.min(allowed, units)
      -- Near its end a window is counted call by call, so that nothing is held while another gateway could use it.
      lease = math.min(lease, math.floor(units / (4 * shares)))
    end
    if wait > longest then
      longest, refusing_key, refusing_limit = wait, k, l
    end
  end
end
if refusing_key > 0 then
  return { 0, refusing_key, refusing_limit, 0, reset(subjects[refusing_key].limits[refusing_limit]), longest, 0, us }
end

-- A lease of a smoothed rate is cut to what is there, unless that is little: then it begins later and is whole.
local n = math.max(1, math.min(allowed, most_at_once, math.max(need, lease)))
if there >= math.max(1, math.ceil(n / 2)) then
  n = math.min(n, there)
end
local delay = 0
for k, s in ipairs(subjects) do
  for l, limit in ipairs(s.limits) do
    if limit.burst > 0 then
      delay = math.max(delay, math.ceil((limit.base + n * s.cost * limit.gap - limit.burst * limit.gap - us) / 1000))
    end
  end
end
local ends = now + delay + life

local tight_key, tight_limit, least = 1, 1, math.huge
for k, s in ipairs(subjects) do
  local keep = 0
  for l, limit in ipairs(s.limits) do
    local remaining
    if limit.burst > 0 then
      if limit.base == us then
        redis.call('HSET', s.key, 'f' .. limit.name, text(us))
      end
      limit.base = limit.base + n * s.cost * limit.gap
      redis.call('HSET', s.key, 't' .. limit.name, text(limit.base))
      remaining = math.floor((limit.burst * limit.gap - (limit.base - us)) / limit.gap / s.cost)
      keep = math.max(keep, (limit.base - us) / 1000 + 1000)
    else
      local part = math.min(limit.current + 1, math.floor(ends / limit.part))
      redis.call('HINCRBY', s.key, limit.name .. ':' .. text(part), text(n * s.cost))
      limit.counts[part] = (limit.counts[part] or 0) + n * s.cost
      limit.used = limit.used + n * s.cost
      remaining = math.floor((limit.most - limit.used) / s.cost)
      keep = math.max(keep, limit.length + 2 * limit.part)
    end
    if remaining < least then
      tight_key, tight_limit, least = k, l, remaining
    end
  end
  if keep > 0 then
    redis.call('PEXPIRE', s.key, text(math.ceil(keep)))
  end
end
return { n, tight_key, tight_limit, math.max(0, least), reset(subjects[tight_key].limits[tight_limit]), 0, delay, us }
