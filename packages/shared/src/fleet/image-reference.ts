/** The tag of an image reference: what people call its version. */
export function tagOf(image: string): string {
  const name = image.slice(image.lastIndexOf("/") + 1);
  const colon = name.indexOf(":");
  return colon < 0 ? (name === "" ? "" : "latest") : name.slice(colon + 1);
}

/** An image reference without its tag. */
export function repositoryOf(image: string): string {
  const slash = image.lastIndexOf("/");
  const colon = image.indexOf(":", slash + 1);
  return colon < 0 ? image : image.slice(0, colon);
}
