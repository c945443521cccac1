// The bundles that are loaded when they are needed. The build sets their names.

declare const MATH_MODULE: string;
declare const MORE_MODULE: string;

/** A bundle of the server, by its name. */
export const load = (name: string, server: URL) => import(new URL(`widget/${name}`, server).href);

export const loadMath = (server: URL): Promise<typeof import("./math.ts")> =>
  load(MATH_MODULE, server);

export type More = typeof import("./more.ts");

export const loadMore = (server: URL): Promise<More> => load(MORE_MODULE, server);
