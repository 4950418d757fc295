-- Takes one shard from a gateway that hangs: its epoch is below every epoch to come, its lease is gone, so its next
-- commit, renewal and release are refused. Nobody gets the lease here: who will process it acquires it.
--
-- KEYS
--   1  lease   2  epoch   3  handover   4  controller
-- ARGV
--   1  holder that is fenced
--   2  incarnation that is fenced
--   3  the highest epoch that the console has seen for this shard
--   4  generation that `change` wrote
--   5  to: the candidate's name
--   6  allowed time, ms
--   7  epoch of the controller that orders it
-- Answers: 1 fenced | 0 that one does not hold it: nothing changed
--        | -1 a later controller has been here: nothing changed
-- Writes: lease, epoch, handover, controller
if tonumber(redis.call('GET', KEYS[4]) or '0') > tonumber(ARGV[7]) then return -1 end
redis.call('SET', KEYS[4], ARGV[7])
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 0 end
local stored = tonumber(redis.call('GET', KEYS[2]) or '0')
redis.call('SET', KEYS[2], string.format('%.0f', math.max(stored, tonumber(lease[3]), tonumber(ARGV[3])) + 1))
redis.call('DEL', KEYS[1])
local time = redis.call('TIME')
local deadline = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[6])
redis.call('HSET', KEYS[3], 'generation', ARGV[4], 'to', ARGV[5], 'deadlineMs', string.format('%.0f', deadline))
return 1
