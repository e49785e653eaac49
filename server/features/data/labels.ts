import { type Message, msg } from "../../../engine/base/message.ts";

/** What every key below begins with. */
export const annotationPrefix = "org.opencontainers.image.";

/** OCI image specification, "Pre-Defined Annotation Keys", with what a value looks like. */
export const annotations: Readonly<Record<string, { readonly says: Message; readonly like: string }>> = {
  source: { says: msg("Address of the source code"), like: "https://github.com/owner/app" },
  title: { says: msg("Name of the image for people"), like: "App" },
  description: { says: msg("What the image is for, in a sentence"), like: "What it does" },
  version: { says: msg("Version of the packaged software"), like: "1.0.0" },
  revision: { says: msg("Commit that it was built from"), like: "$REVISION" },
  created: { says: msg("When it was built, as in RFC 3339"), like: "$CREATED" },
  licenses: { says: msg("Licences as an SPDX expression"), like: "MIT" },
  authors: { says: msg("Who is responsible for the image"), like: "Name <name@example.com>" },
  vendor: { says: msg("Who distributes the image"), like: "Company" },
  url: { says: msg("Where to read about the image"), like: "https://example.com" },
  documentation: { says: msg("Where the manual is"), like: "https://example.com/docs" },
  "ref.name": { says: msg("Name of the reference, in an image layout"), like: "1.0" },
  "base.name": { says: msg("Name of the base image"), like: "docker.io/library/node:24" },
  "base.digest": { says: msg("Digest of the base image"), like: "sha256:…" },
};
