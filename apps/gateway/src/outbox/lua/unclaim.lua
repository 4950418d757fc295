-- Takes a claim back: the vendor certainly did not take the message, or it was not sent after all. Not fenced: it
-- undoes the caller's own claim only, also after the lease went to somebody else.
--
-- KEYS[1] claims (hash)
-- ARGV[1] epoch under which it was claimed  ARGV[2] outbox entry id
--
-- Answers 1 taken back, 0 the claim is not of that epoch (or there is none).
-- Writes claims.
if redis.call('HGET', KEYS[1], ARGV[2]) ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[2])
