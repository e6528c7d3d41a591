//! Where a database is, as an operator knows it, and nothing that may be secret.

use std::fmt;

use tokio_postgres::config::Host;

use super::Target;

/// Where PostgreSQL listens if nobody says otherwise.
const PORT: u16 = 5432;

impl fmt::Display for Target {
    /// `host:port,host:port/database`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.config.get_ports();
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // One port is every host's.
            let port = ports.get(at).or(ports.first()).copied().unwrap_or(PORT);
            match host {
                Host::Tcp(host) => write!(out, "{comma}{host}:{port}")?,
                Host::Unix(folder) => write!(out, "{comma}{}:{port}", folder.display())?,
            }
        }
        // Without a name it is the one that is called as the user is.
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        write!(out, "/{database}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_without_its_password() {
        for (address, said) in [
            ("postgres://me:secret@db/market", "db:5432/market"),
            ("postgres://me:secret@db:6000,other:6001/market?sslmode=disable", "db:6000,other:6001/market"),
            ("postgres://me:secret@db", "db:5432/me"),
        ] {
            assert_eq!(Target::parse(address).unwrap().to_string(), said);
        }
    }
}
