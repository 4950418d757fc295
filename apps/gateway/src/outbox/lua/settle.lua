-- Ends an outbox entry: sent, or given up (then it stands in the dead-letter stream). Not fenced: a message
-- that was sent has been sent, whoever holds the lease now; leaving it would have it sent once more.
--
-- KEYS[1] outbox (stream)   KEYS[2] dead (stream)   KEYS[3] claims (hash)
-- ARGV[1] outbox entry id
-- ARGV[2] why it is given up, a code (empty: it was sent)  ARGV[3] the same in words
--
-- Answers 1 settled, 0 not there any more.
-- Writes outbox, dead, claims.
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if found then
  if ARGV[2] ~= '' then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'kind', 'outbox', 'reason', ARGV[2], 'detail', ARGV[3],
      unpack(found[2]))
  end
  redis.call('XDEL', KEYS[1], ARGV[1])
end
-- Only now: an entry that still stands and whose claim is gone would be sent again.
redis.call('HDEL', KEYS[3], ARGV[1])
return found and 1 or 0
