// @ts-check

/**
 * The cluster's addresses. Each node is a network namespace with a pair of interfaces to this machine and one to
 * each other node; there is no bridge and no way from there to anywhere else.
 *
 * @typedef {{ name: string, zone: string, address: string, pods: string }} ClusterNode
 */

/** This machine, as the nodes see it. */
export const machineAddress = "10.213.0.1";

/** @type {ClusterNode[]} */
export const clusterNodes = [
  { name: "node-a", zone: "zone-a", address: "10.213.0.2", pods: "10.213.64.0/24" },
  { name: "node-b", zone: "zone-b", address: "10.213.0.3", pods: "10.213.65.0/24" },
];

export const podRange = "10.213.64.0/18";
export const serviceRange = "10.213.128.0/17";
export const dnsAddress = "10.213.128.10";
export const clusterDomain = "cluster.local";
