// Addresses of sources and of the page.

import type { Source } from "./protocol.ts";

/** The absolute address of a source; null if it is not http(s). */
export function addressOf({ url }: Pick<Source, "url">, base?: URL): string | null {
  const address = URL.canParse(url, base) ? new URL(url, base) : null;
  return address && /^https?:$/.test(address.protocol) ? address.href : null;
}

/** Whether an address is the address of this page. Hash and query do not count. */
export function isHere(url: string): boolean {
  const there = URL.canParse(url, location.href) && new URL(url, location.href);
  return there && there.origin === location.origin && pathOf(there) === pathOf(location);
}

/** The id that an address names; undefined if it names none. */
export function anchorOf(url: string): string | undefined {
  return decoded(new URL(url, location.href).hash.slice(1)) || undefined;
}

function pathOf({ pathname }: URL | Location): string {
  return decoded(pathname).replace(/(\/index)?(\.html)?\/*$/, "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
