-- The same as announce-control, for one shard: its keys are in another slot, so its hand-over and fence look here.
--
-- KEYS
--   1  controller
-- ARGV
--   1  epoch of the controller
-- Answers: the epoch that counts: this one, or a higher one that stands there
-- Writes: controller
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
if stored >= tonumber(ARGV[1]) then return stored end
redis.call('SET', KEYS[1], ARGV[1])
return tonumber(ARGV[1])
