import { BlockList, isIP, isIPv6 } from "node:net";

/** Addresses, and those of them that are not meant. */
export interface Addresses {
  cidr: string;
  except?: string[];
}

/**
 * Where clouds answer their machines' questions, about credentials too: no server has business there, unless it
 * declares that very address.
 */
const machines = [
  "169.254.0.0/16",
  // Alibaba Cloud, Oracle Cloud, and Azure beside its link-local one.
  "100.100.100.200/32",
  "192.0.0.192/32",
  "168.63.129.16/32",
  "fe80::/10",
  // AWS and Google Cloud.
  "fd00:ec2::/32",
  "fd20:ce::254/128",
];

/**
 * The addresses of a host or network of a declaration. A name may stand for any address, so it is every one; a policy
 * engine that knows names can narrow it further. Of a whole network, what a cloud tells its machines is never part.
 */
export function addresses(host: string): Addresses[] {
  const bare = host.replace(/^\[(.+)\]$/, "$1");
  if (isIP(bare)) return [{ cidr: `${bare}/${isIPv6(bare) ? 128 : 32}` }];
  return (host.includes("/") ? [host] : ["0.0.0.0/0", "::/0"]).map((cidr) => {
    const except = machines.filter((each) => isWithin(each, cidr));
    return { cidr, ...(except.length > 0 && { except }) };
  });
}

/** Whether a network is a smaller part of another. */
function isWithin(part: string, whole: string): boolean {
  const [[address, prefix], [wholeAddress, wholePrefix]] = [parsed(part), parsed(whole)];
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (prefix <= wholePrefix || isIPv6(wholeAddress) !== isIPv6(address)) return false;
  const list = new BlockList();
  list.addSubnet(wholeAddress, wholePrefix, family);
  return list.check(address, family);
}

function parsed(cidr: string): [address: string, prefix: number] {
  const [address = "", prefix] = cidr.split("/");
  return [address, Number(prefix)];
}
