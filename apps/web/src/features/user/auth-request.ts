/** Requests to the console's login endpoints, answered as data or as a sentence for the one who asked. */
export type AuthAnswer<T> = { ok: true; data: T } | { ok: false; sentence: string };

const SENTENCES: Readonly<Record<string, string>> = {
  INVALID_PASSWORD: "That is not your password.",
  INVALID_EMAIL_OR_PASSWORD: "Email and password don't match.",
  INVALID_CODE: "That code does not fit. It changes every 30 s: check the clock of your device.",
  INVALID_BACKUP_CODE: "That backup code does not fit, or was used already.",
  INVALID_TWO_FACTOR_COOKIE: "This took longer than ten minutes: start again with your password.",
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: "Too many tries: start again with your password.",
  ACCOUNT_TEMPORARILY_LOCKED: "Too many wrong codes. Wait some minutes, then try again.",
  PASSWORD_TOO_SHORT: "A password has at least 8 characters.",
  PASSWORD_TOO_LONG: "A password has at most 128 characters.",
};

/** Pure: what to say to a refusal. */
export function sentenceOf(status: number, code: string | undefined): string {
  if (status === 429) return "Too many tries. Wait a minute, then try again.";
  const known = code === undefined ? undefined : SENTENCES[code];
  if (known !== undefined) return known;
  if (status === 401) return "Email and password don't match.";
  if (status === 403) {
    return "This address is not the console's own. Open it at the address that bin/up printed.";
  }
  return status >= 500
    ? `The console failed (${status}); its log says why.`
    : `The console refused (${code ?? status}).`;
}

export async function postAuth<T = unknown>(path: string, body: object): Promise<AuthAnswer<T>> {
  return post<T>(`/api/auth/${path}`, body, (status, answer) =>
    sentenceOf(status, (answer as { code?: string } | null)?.code),
  );
}

export async function postInvitation<T = unknown>(
  path: "look" | "accept",
  body: object,
): Promise<AuthAnswer<T>> {
  return post<T>(
    `/api/invitation/${path}`,
    body,
    (status, answer) =>
      (answer as { error?: { message?: string } } | null)?.error?.message ??
      sentenceOf(status, undefined),
  );
}

async function post<T>(
  path: string,
  body: object,
  sentence: (status: number, answer: unknown) => string,
): Promise<AuthAnswer<T>> {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json().catch(() => null);
    return response.ok
      ? { ok: true, data: answer as T }
      : { ok: false, sentence: sentence(response.status, answer) };
  } catch {
    return { ok: false, sentence: "The console does not answer. Is it running?" };
  }
}
