-- Takes back the attempt that begin.lua counted: the assistant could not be reached, or the turn was broken
-- off by a planned hand-over. Not fenced: it only undoes the caller's own count, also after the hand-over.
--
-- KEYS[1] attempts (hash)
-- ARGV[1] inbox entry id
--
-- Answers 1 given back, 0 nothing was counted (committed meanwhile).
-- Writes attempts.
local count = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if count <= 0 then return 0 end
redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
return 1
