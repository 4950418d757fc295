"use client";

import type { UserView } from "@chela/shared/access/view";
import { useMutation } from "@tanstack/react-query";
import { DropdownMenu } from "radix-ui";
import { useApi } from "../../trpc/client.ts";
import { faultOf } from "../../trpc/fault.ts";
import { count, when } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { StatusText } from "../../ui/status.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useNow } from "../../ui/use-now.ts";
import { initials } from "../audit/entries.ts";
import { useViewer } from "../viewer/viewer.ts";
import { rolesInWords } from "./wording.ts";

interface Doing {
  onRoles: (user: UserView) => void;
  onRemove: (user: UserView) => void;
  onChanged: () => void;
}

export const UserTable = ({ users, ...doing }: Doing & { users: readonly UserView[] }) => (
  <section className="card" aria-label="Users">
    <div className="tw">
      <table className="table tall">
        <thead>
          <tr>
            <th>User</th>
            <th>Roles</th>
            <th>Second factor</th>
            <th className="num">Signed in</th>
            <th>Last seen</th>
            <th>
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} {...doing} />
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

function UserRow({ user, ...doing }: Doing & { user: UserView }) {
  const now = useNow();
  const viewer = useViewer();
  return (
    <tr>
      <td>
        <span className="who">
          <span className="ava sm" aria-hidden="true">
            {initials(user.email)}
          </span>
          <span className="personn">
            <b>
              {user.name}
              {viewer?.id === user.id && <span className="dim"> (you)</span>}
            </b>
            <small>{user.email}</small>
          </span>
        </span>
      </td>
      <td>
        <span className="tags">
          {rolesInWords(user.roles).map((words) => (
            <span className="tag" key={words}>
              {words}
            </span>
          ))}
          {Object.keys(user.roles).length === 0 && <span className="dim">No role yet</span>}
        </span>
      </td>
      <td>
        <StatusText
          status={
            user.twoFactor
              ? { tone: "pass", icon: "st-pass", word: "On" }
              : { tone: "wait", icon: "st-skip", word: "Off" }
          }
        />
      </td>
      <td className="num">{user.logins === 0 ? "–" : count(user.logins)}</td>
      <td>{user.lastSeenAt === null ? "not now" : when(user.lastSeenAt, now)}</td>
      <td>
        <Actions user={user} {...doing} />
      </td>
    </tr>
  );
}

function Actions({ user, onRoles, onRemove, onChanged }: Doing & { user: UserView }) {
  const api = useApi();
  const onError = (error: unknown) =>
    showToast("fail", `${user.email} was not changed`, faultOf(error).sentence);
  const endLogins = useMutation(
    api.users.endLogins.mutationOptions({
      onError,
      onSuccess: ({ ended }) => {
        showToast(
          "pass",
          `${user.email} is signed out`,
          `${count(ended)} browsers have to sign in again.`,
        );
        onChanged();
      },
    }),
  );
  const resetTwoFactor = useMutation(
    api.users.resetTwoFactor.mutationOptions({
      onError,
      onSuccess: () => {
        showToast(
          "pass",
          "Second factor taken off",
          `${user.email} signs in with the password alone.`,
        );
        onChanged();
      },
    }),
  );
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="btn ghost icon sm" aria-label={`Actions for ${user.email}`}>
        <Icon name="dots" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Item className="menu-i" onSelect={() => onRoles(user)}>
            <Icon name="user" />
            <span>Change roles</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-i"
            disabled={user.logins === 0}
            onSelect={() => endLogins.mutate({ userId: user.id })}
          >
            <Icon name="back" />
            <span>
              Sign out everywhere
              <small>API tokens stay</small>
            </span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-i"
            disabled={!user.twoFactor}
            onSelect={() => resetTwoFactor.mutate({ userId: user.id })}
          >
            <Icon name="lock" />
            <span>
              Take the second factor off
              <small>For a lost device</small>
            </span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-i" onSelect={() => onRemove(user)}>
            <Icon name="trash" />
            <span>
              Remove
              <small>With logins and tokens, at once</small>
            </span>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
