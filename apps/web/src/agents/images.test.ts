import { expect, it } from "vitest";
import { Images, type ImagesDeps } from "./images.ts";

const IMAGE = "chela/gateway:1";

/** A host whose engine holds these, by tag; what it is asked to take is kept. */
function host(tags: Record<string, string>, held: string[]) {
  const received: string[] = [];
  const agent = {
    host: "h1",
    inspectImage: async (reference: string) => {
      const id = tags[reference] ?? held.find((each) => each === reference);
      return id === undefined ? null : { id, tags: [], sizeBytes: 1, createdAt: "" };
    },
    receiveImage: async (_: string, id: string, reference: string) => {
      received.push(`${reference} ${id}`);
    },
  };
  const deps = { links: { hosts: () => ["h1"], agent: () => agent }, elsewhere: () => [] };
  return { images: new Images(deps as unknown as ImagesDeps), received };
}

it("an earlier release can be had again though its tag was moved to another image", async () => {
  const { images, received } = host({ [IMAGE]: "sha256:new" }, ["sha256:old", "sha256:new"]);
  expect(await images.ensure("h1", IMAGE, "sha256:old")).toContain("has its tag");
  expect(received).toEqual([`${IMAGE} sha256:old`]);
});

it("what stands there under its tag is left alone", async () => {
  const { images, received } = host({ [IMAGE]: "sha256:old" }, ["sha256:old"]);
  expect(await images.ensure("h1", IMAGE, "sha256:old")).toBe("It stood on h1 already.");
  expect(received).toEqual([]);
});
