-- The control record of a new fleet, or of one whose Redis lost it. Never changes one that is there.
--
-- KEYS
--   1  control
-- ARGV
--   1  layout   2  shards   3  mode   4  actives   5  preferred (JSON array of names)
--   6  generation: one more than the highest that the console remembers
--   7  paused: 1 or 0
--   8  epoch of the controller that writes it
-- Answers: 1 written | 0 there already
-- Writes: control
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'layout', ARGV[1], 'shards', ARGV[2], 'mode', ARGV[3], 'actives', ARGV[4],
  'preferred', ARGV[5], 'generation', ARGV[6], 'paused', ARGV[7], 'operation', '', 'controller', ARGV[8])
return 1
