"use client";

import { initials } from "../audit/entries.ts";
import { useViewer } from "../viewer/viewer.ts";
import { rolesInWords } from "./wording.ts";

export function ProfileCard() {
  const viewer = useViewer();
  if (viewer === undefined) return null;
  const roles = rolesInWords(viewer.roles);
  return (
    <section className="card" aria-label="Profile">
      <div className="card-b pad profile">
        <span className="ava" aria-hidden="true">
          {initials(viewer.email ?? viewer.name)}
        </span>
        <span className="personn">
          <b>{viewer.name}</b>
          <small>{viewer.email}</small>
        </span>
        <span className="tags">
          {roles.map((words) => (
            <span className="tag" key={words}>
              {words}
            </span>
          ))}
        </span>
        {roles.length === 0 && (
          <p className="note">You have no role yet: an administrator gives you one.</p>
        )}
      </div>
    </section>
  );
}
