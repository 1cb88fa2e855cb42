package io.tributary.online.redis;

/**
 * What is done on the server in one step. Each begins with what takes no memory, which a server
 * that is full does, and then lets the rest through.
 */
final class Scripts {
  /**
   * Writes down how far a part is written, which nobody has begun to remove. KEYS: written. ARGV:
   * part, text, whether it is the first time (1 or 0). 1, or 0 if somebody removes it.
   */
  static final String REGISTER =
      """
      if ARGV[3] == '0' and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
      redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])
      return 1
      """;

  /**
   * Publishes, if nobody has published meanwhile and all parts are there. KEYS: now, publications,
   * times, written. ARGV: pointer before, pointer after, number, manifest, parts…
   */
  static final String PUBLISH =
      """
      if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 'CONFLICT' end
      if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 1 then return 'CONFLICT' end
      for i = 5, #ARGV do
        local state = redis.call('HGET', KEYS[4], ARGV[i])
        if not state or not string.find(state, ' done', 1, true) then return 'LOST' end
      end
      for i = 5, #ARGV do redis.call('HDEL', KEYS[4], ARGV[i]) end
      local t = redis.call('TIME')
      redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
      redis.call('HSET', KEYS[3], ARGV[3], t[1] .. string.format('%03d', math.floor(t[2] / 1000)))
      redis.call('SET', KEYS[1], ARGV[2])
      return 'DONE'
      """;

  /**
   * Takes a part that is in no publication out of the reach of who writes it. KEYS: written, going.
   * ARGV: part.
   */
  static final String GIVE_UP =
      """
      local state = redis.call('HGET', KEYS[1], ARGV[1])
      if not state then return 0 end
      redis.call('HDEL', KEYS[1], ARGV[1])
      redis.call('HSET', KEYS[2], ARGV[1], state)
      return 1
      """;

  /**
   * Takes a former publication away, and its parts out of everybody's reach. KEYS: publications,
   * times, parity, going, now. ARGV: number, pointer, then parts and their states.
   */
  static final String RETIRE =
      """
      if redis.call('GET', KEYS[5]) == ARGV[2] then return 0 end
      if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
      redis.call('HDEL', KEYS[2], ARGV[1])
      redis.call('HDEL', KEYS[3], ARGV[2])
      for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) end
      return 1
      """;

  private Scripts() {}
}
