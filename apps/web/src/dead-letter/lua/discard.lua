-- Throws a dead letter away for good.
--
-- KEYS
--   1  dead of the shard
-- ARGV
--   1  id of the dead letter
-- Answers: 1 discarded | 0 it does not stand there (any more)
-- Writes: dead
return redis.call('XDEL', KEYS[1], ARGV[1])
