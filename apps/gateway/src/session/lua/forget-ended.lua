-- Takes ended sessions out of a shard's set, a few at a time. Asked with Redis' own time and in one step, so that
-- a session that goes on at this moment stays. Not fenced: an ended session is nobody's.
--
-- KEYS[1] sessions (sorted set by expiry)
-- ARGV[1] how many at most
--
-- Answers how many were taken out.
-- Writes sessions.
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local ended = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
if #ended == 0 then return 0 end
return redis.call('ZREM', KEYS[1], unpack(ended))
