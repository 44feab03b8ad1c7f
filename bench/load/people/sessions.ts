/** Says who is online when: a share of all users at any time, each for some time, and then away for some time. */
export function createSessions(users: number, share: number, meanSeconds: number, random: () => number) {
  const meanAbsence = (meanSeconds * (1 - share)) / share;
  const isOnline = Array.from({ length: users }, () => random() < share);
  const draw = (online: boolean): number =>
    share === 1 ? Infinity : -Math.log(1 - random()) * (online ? meanSeconds : meanAbsence);
  /** When each user comes or leaves next. */
  const changesAt = isOnline.map(draw);

  return {
    /** @param seconds since the beginning, never less than before. */
    isOnline(user: number, seconds: number): boolean {
      let online = isOnline[user] === true;
      let changeAt = changesAt[user] ?? Infinity;
      while (changeAt <= seconds) {
        online = !online;
        changeAt += draw(online);
      }
      isOnline[user] = online;
      changesAt[user] = changeAt;
      return online;
    },
  };
}
