/** The page's own query, changed without a round trip: the same page shows something else. */
export const replaceAddress = (href: string): void => window.history.replaceState(null, "", href);

/** As above, and Back returns. */
export const pushAddress = (href: string): void => window.history.pushState(null, "", href);
