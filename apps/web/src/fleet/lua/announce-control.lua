-- A controller that begins to act says so in the control record, so that whoever acted before it is refused there from
-- now on, also before its own first order.
--
-- KEYS
--   1  control
-- ARGV
--   1  epoch of the controller
-- Answers: the epoch that counts: this one, or a higher one that stands there | 0 there is no control record
-- Writes: control
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local stored = tonumber(redis.call('HGET', KEYS[1], 'controller') or '0')
if stored >= tonumber(ARGV[1]) then return stored end
redis.call('HSET', KEYS[1], 'controller', ARGV[1])
return tonumber(ARGV[1])
