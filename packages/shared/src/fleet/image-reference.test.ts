import { expect, it } from "vitest";
import { repositoryOf, tagOf } from "./image-reference.ts";

it("reads tag and repository of image references", () => {
  expect(tagOf("registry:5000/chela/gateway:1.2")).toBe("1.2");
  expect(repositoryOf("registry:5000/chela/gateway:1.2")).toBe("registry:5000/chela/gateway");
  expect(tagOf("registry:5000/chela/gateway")).toBe("latest");
  expect(repositoryOf("registry:5000/chela/gateway")).toBe("registry:5000/chela/gateway");
});
