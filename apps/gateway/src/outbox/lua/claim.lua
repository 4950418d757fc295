-- Claims outbox entries right before they are sent, so that whoever comes after a crash knows which sends had
-- begun. Fenced: claims nothing unless the lease is still this holder's. A standing claim is never replaced: it
-- says that a send under that epoch may have reached the vendor, and that stays true.
--
-- KEYS[1] lease (hash)   KEYS[2] outbox (stream)   KEYS[3] claims (hash)
-- ARGV[1] name  ARGV[2] incarnation  ARGV[3] epoch
-- ARGV[4…] outbox entry ids
--
-- Answers -1 fenced, else one pair per id, in their order:
--         { epoch of its claim, its message } the caller's own epoch: claimed now, or by an earlier call of this one
--         { 0, "" } not in the outbox any more
-- Writes claims.
local lease = redis.call('HMGET', KEYS[1], 'holder', 'incarnation', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] or lease[3] ~= ARGV[3] then return -1 end

local answers = {}
for i = 4, #ARGV do
  local found = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])[1]
  if found then
    local message = ''
    for f = 1, #found[2], 2 do
      if found[2][f] == 'message' then message = found[2][f + 1] end
    end
    redis.call('HSETNX', KEYS[3], ARGV[i], ARGV[3])
    answers[i - 3] = { tonumber(redis.call('HGET', KEYS[3], ARGV[i])), message }
  else
    redis.call('HDEL', KEYS[3], ARGV[i])
    answers[i - 3] = { 0, '' }
  end
end
return answers
