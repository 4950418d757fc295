-- Counts a turn before it is begun, so that an event that kills its processor is given up after a few
-- attempts instead of killing every gateway in turn.
--
-- KEYS[1] lease (hash)   KEYS[2] inbox (stream)   KEYS[3] attempts (hash)
-- ARGV[1] name  ARGV[2] incarnation  ARGV[3] epoch
-- ARGV[4] inbox entry id  ARGV[5] attemptsMax
-- ARGV[6] attempts so far from which on it is a suspect, and not begun
--
-- Answers attempts so far (1 or more) begun, 0 exhausted: give it up, -1 fenced, -2 not in the inbox any more,
--         -3 suspect: nothing was counted.
-- Writes attempts.
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then return -1 end
if #redis.call('XRANGE', KEYS[2], ARGV[4], ARGV[4]) == 0 then return -2 end
local attempts = tonumber(redis.call('HGET', KEYS[3], ARGV[4]) or '0')
if attempts >= tonumber(ARGV[5]) then return 0 end
if attempts >= tonumber(ARGV[6]) then return -3 end
return redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
