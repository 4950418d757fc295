-- Stores webhook events, each once: the dedupe key is looked up and set in the same script that appends to
-- the inbox, and only after the append went through. (Scripts do not roll back: set before a failing append,
-- the key would make the provider's retry a "duplicate" of an event that was never stored.)
--
-- Per item i, counted from 0:
-- KEYS[2i+1] inbox of the item's shard (stream)   KEYS[2i+2] dedupe key (string)
-- ARGV[1] backlogMax: entries in one inbox beyond which new ones are refused
-- ARGV[8i+2] dedupeTtlMs (0: no deduplication)   ARGV[8i+3] channel   ARGV[8i+4] session key
-- ARGV[8i+5] event id   ARGV[8i+6] text
-- ARGV[8i+7] reply address, JSON (empty: the channel sends nothing out)
-- ARGV[8i+8] gateway that accepted it
-- ARGV[8i+9] what an HTTP caller asked beyond the text, JSON (empty: nothing)
--
-- Answers one string per item: "A<entry id>" accepted, "D" duplicate, "F" backlog full, "E<error>" not stored.
-- Writes inbox, dedupe key.
local backlogMax = tonumber(ARGV[1])
local results = {}

local function store(i)
  local inbox, dedupe, base = KEYS[2 * i + 1], KEYS[2 * i + 2], 8 * i + 1
  local ttlMs = tonumber(ARGV[base + 1])
  if ttlMs > 0 then
    local seen = redis.pcall('EXISTS', dedupe)
    if type(seen) == 'table' then return 'E' .. seen.err end
    if seen == 1 then return 'D' end
  end
  local waiting = redis.pcall('XLEN', inbox)
  if type(waiting) == 'table' then return 'E' .. waiting.err end
  if waiting >= backlogMax then return 'F' end

  local id = redis.pcall('XADD', inbox, '*',
    'channel', ARGV[base + 2], 'session', ARGV[base + 3], 'event', ARGV[base + 4], 'text', ARGV[base + 5],
    'reply', ARGV[base + 6], 'gateway', ARGV[base + 7], 'request', ARGV[base + 8])
  if type(id) == 'table' then return 'E' .. id.err end

  if ttlMs > 0 then
    local set = redis.pcall('SET', dedupe, id, 'PX', ttlMs)
    if set.err then
      -- Stored but not marked would be answered once and processed twice: take it back. Nobody has seen it yet.
      redis.pcall('XDEL', inbox, id)
      return 'E' .. set.err
    end
  end
  return 'A' .. id
end

for i = 0, #KEYS / 2 - 1 do
  results[i + 1] = store(i)
end
return results
