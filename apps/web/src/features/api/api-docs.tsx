"use client";

import Link from "next/link";
import { useEffect, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Empty, Later, SkeletonRows } from "../../ui/feedback.tsx";
import { Field } from "../../ui/field.tsx";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import {
  curlOf,
  type Description,
  type Entry,
  entriesOf,
  inputsOf,
  matching,
  outputOf,
  type Schema,
  shapeOf,
} from "./description.ts";
import { Shape } from "./shape.tsx";

const DOCUMENT = "/api/v1/openapi.json";

/** Everything a program can ask for, rendered from the API's own description. */
export function ApiDocs() {
  const [description, setDescription] = useState<Description | null>(null);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  const [search, setSearch] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` asks again
  useEffect(() => {
    setFailed(false);
    fetch(DOCUMENT)
      .then((response) => (response.ok ? response.json() : Promise.reject(response)))
      .then(setDescription)
      .catch(() => setFailed(true));
  }, [tries]);
  return (
    <div className="api">
      <header className="api-top">
        <Link className="brand" href="/">
          <Icon name="chela" className="logo" />
          <span>Chela</span>
        </Link>
        <span className="mid">Control API</span>
        <a className="linkish" href={DOCUMENT}>
          openapi.json
        </a>
      </header>
      {failed ? (
        <Empty
          icon="st-fail"
          bad
          title="The API's description can't be read"
          actions={
            <Button variant="primary" onClick={() => setTries(tries + 1)}>
              Try again
            </Button>
          }
        >
          The console does not answer.
        </Empty>
      ) : description === null ? (
        <Later>
          <SkeletonRows />
        </Later>
      ) : (
        <Body description={description} search={search} onSearch={setSearch} />
      )}
    </div>
  );
}

function Body({
  description,
  search,
  onSearch,
}: {
  description: Description;
  search: string;
  onSearch: (next: string) => void;
}) {
  const server = description.servers[0]?.url ?? "";
  const rooms = description.tags
    .map(({ name }) => ({ name, entries: matching(entriesOf(description, name), search) }))
    .filter(({ entries }) => entries.length > 0);
  const found = rooms.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <div className="api-body">
      <nav className="api-nav" aria-label="Groups">
        <Field
          label="Find"
          type="search"
          value={search}
          placeholder="rollout"
          hint={plural(found, "procedure")}
          onChange={(event) => onSearch(event.target.value)}
        />
        <ul>
          {rooms.map(({ name, entries }) => (
            <li key={name}>
              <a href={`#${name}`}>
                {name} <em>{entries.length}</em>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main className="stack api-main">
        <div>
          <h1>{description.info.title}</h1>
          <p className="sub mid">{description.info.description}</p>
        </div>
        <section className="card card-b pad stack">
          <p>
            Send an API token as bearer; Settings makes one. Errors answer{" "}
            <code className="mono">{`{"error":{"code","reason","message"}}`}</code>: the reason is
            stable and for programs, the message for people.
          </p>
          <Command
            text={`curl -H "Authorization: Bearer $CHELA_TOKEN" '${server}/api/v1/viewer/me'`}
          />
        </section>
        {rooms.map(({ name, entries }) => (
          <section key={name} id={name} className="stack api-room" aria-label={name}>
            <h2 className="mono">{name}</h2>
            {entries.map((entry) => (
              <Procedure
                key={entry.path}
                entry={entry}
                server={server}
                schemas={description.components.schemas}
              />
            ))}
          </section>
        ))}
        {rooms.length === 0 && (
          <Empty icon="search" title="Nothing of that name">
            No path and no summary holds these words.
          </Empty>
        )}
      </main>
    </div>
  );
}

const Command = ({ text }: { text: string }) => (
  <div className="cmd">
    <span className="dim">$</span>
    <code>{text}</code>
    <CopyButton text={text} label="Copy the command" />
  </div>
);

/** Folded until it is asked for: sixty shapes at once tell nothing. */
function Procedure({
  entry,
  server,
  schemas,
}: {
  entry: Entry;
  server: string;
  schemas: Record<string, Schema>;
}) {
  const { path, method, operation } = entry;
  const inputs = inputsOf(operation);
  const output = outputOf(operation);
  return (
    <details className="card api-p">
      <summary>
        <span className={method === "GET" ? "tag" : "tag ink"}>{method}</span>
        <code className="mono">{path}</code>
        <span className="mid trunc">{operation.summary}</span>
      </summary>
      <div className="card-b stack">
        <p className="note">{operation.description}</p>
        {inputs.length > 0 && (
          <div className="tw">
            <table className="table">
              <thead>
                <tr>
                  <th>{method === "GET" ? "Parameter" : "Field"}</th>
                  <th>Shape</th>
                  <th>Needed</th>
                </tr>
              </thead>
              <tbody>
                {inputs.map(({ name, required, schema }) => (
                  <tr key={name}>
                    <td className="mono">{name}</td>
                    <td className="mono api-shape">{shapeOf(schema)}</td>
                    <td>{required ? "yes" : "no"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <div>
          <h3>{output?.type === "text/event-stream" ? "Events, as they come" : "Answer"}</h3>
          {output === null ? (
            <p className="note">Nothing: status 204.</p>
          ) : (
            <Shape schema={output.schema} schemas={schemas} opened={[]} />
          )}
        </div>
        <Command text={curlOf(entry, server)} />
      </div>
    </details>
  );
}
