-- Puts a dead letter back where it came from, as a new entry: no attempt counted, no send begun. Its dedupe key is
-- left alone, so the provider's own repetition stays a duplicate.
--
-- KEYS
--   1  dead   2  inbox   3  outbox, of the shard
-- ARGV
--   1  id of the dead letter
--   2  the fleet's wake channel
--   3  word that makes holders look into their outboxes
-- Answers: {kind, session key, id of the new entry} | {'gone', '', ''} it does not stand there (any more)
-- Writes: dead, and inbox or outbox. Publishes on the wake channel where it is the outbox.
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then return {'gone', '', ''} end

local entry, kind, session = {}, '', ''
for i = 1, #found[2], 2 do
  local name, value = found[2][i], found[2][i + 1]
  if name == 'kind' then
    kind = value
  elseif name ~= 'reason' and name ~= 'detail' then
    if name == 'session' then session = value end
    table.insert(entry, name)
    table.insert(entry, value)
  end
end
-- Appended first: Redis does not roll back, and a letter deleted before a refused append would be lost.
local id = redis.call('XADD', kind == 'inbox' and KEYS[2] or KEYS[3], '*', unpack(entry))
redis.call('XDEL', KEYS[1], ARGV[1])
-- The inbox's reader waits for new entries; an outbox is looked into when somebody says so.
if kind ~= 'inbox' then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return {kind, session, id}
