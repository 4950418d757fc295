import { nameOfRef, type Schema, shapeOf } from "./description.ts";

/** A shape, with those it names folded inside it. */
export function Shape({
  schema,
  schemas,
  opened,
}: {
  schema: Schema;
  schemas: Record<string, Schema>;
  /** Names around it: a shape that contains itself is not unfolded for ever. */
  opened: readonly string[];
}) {
  // An answer that is one named shape is that shape, not a name to be unfolded.
  if (schema.$ref !== undefined && opened.length === 0) {
    const name = nameOfRef(schema.$ref);
    return <Shape schema={schemas[name] ?? {}} schemas={schemas} opened={[name]} />;
  }
  const named = namesIn(schema).filter((name) => !opened.includes(name));
  const own = schema.properties ?? {};
  return (
    <div className="api-shape-in">
      {Object.keys(own).length === 0 ? (
        <code className="mono">{shapeOf(schema)}</code>
      ) : (
        <dl>
          {Object.entries(own).map(([name, each]) => (
            <div key={name}>
              <dt className="mono">
                {name}
                {schema.required?.includes(name) ? "" : "?"}
              </dt>
              <dd>
                <code className="mono">{shapeOf(each)}</code>
                {each.description && <span className="note">{each.description}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {named.map((name) => (
        <details key={name}>
          <summary className="mono">{name}</summary>
          <Shape schema={schemas[name] ?? {}} schemas={schemas} opened={[...opened, name]} />
        </details>
      ))}
    </div>
  );
}

/** Shapes that this one names, not looking inside them. */
function namesIn(schema: Schema): string[] {
  const inside = [
    ...(schema.anyOf ?? []),
    ...(schema.allOf ?? []),
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...(typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : []),
  ];
  return [
    ...new Set([
      ...(schema.$ref === undefined ? [] : [nameOfRef(schema.$ref)]),
      ...inside.flatMap(namesIn),
    ]),
  ];
}
