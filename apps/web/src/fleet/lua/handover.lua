-- Puts a deadline on one shard's planned hand-over: step 2 of a switchover.
--
-- KEYS
--   1  handover   2  controller
-- ARGV
--   1  generation that `change` wrote
--   2  to: the candidate's name
--   3  allowed time, ms
--   4  epoch of the controller that orders it
-- Answers: the deadline that counts, Redis time in ms (an earlier try's stays)
--        | -1 a later controller has been here: nothing changed
-- Writes: handover, controller
if tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[4]) then return -1 end
redis.call('SET', KEYS[2], ARGV[4])
local stored = redis.call('HMGET', KEYS[1], 'generation', 'deadlineMs')
if stored[1] and tonumber(stored[1]) >= tonumber(ARGV[1]) then return tonumber(stored[2]) end
local time = redis.call('TIME')
local deadline = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'to', ARGV[2], 'deadlineMs', string.format('%.0f', deadline))
return deadline
