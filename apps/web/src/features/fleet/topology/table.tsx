import type { FleetView } from "@chela/shared/fleet/view";
import { count, decimal } from "../../../ui/format.ts";
import { statusOfRole } from "../wording.ts";

/** The picture as a table, for those who cannot see it. */
export const TopologyTable = ({ fleet }: { fleet: FleetView }) => (
  <table className="sr">
    <caption>Gateways of {fleet.fleet} and what they carry</caption>
    <thead>
      <tr>
        <th>Gateway</th>
        <th>Host</th>
        <th>Role</th>
        <th>Health</th>
        <th>Sessions</th>
        <th>In flight</th>
        <th>Backlog</th>
      </tr>
    </thead>
    <tbody>
      {fleet.gateways.map((gateway) => (
        <tr key={gateway.name}>
          <th scope="row">{gateway.name}</th>
          <td>{gateway.host}</td>
          <td>{statusOfRole(gateway.role).word.toLowerCase()}</td>
          <td>{gateway.health}</td>
          <td>{count(gateway.sessions)}</td>
          <td>{count(gateway.inFlight)}</td>
          <td>{count(gateway.backlog)}</td>
        </tr>
      ))}
      <tr>
        <th scope="row">Redis</th>
        <td colSpan={6}>
          {fleet.redis.reachable
            ? `reachable, ${decimal(fleet.redis.opsPerSecond)} commands per second`
            : (fleet.redis.reason ?? "does not answer")}
        </td>
      </tr>
    </tbody>
  </table>
);
