//! What shapes the workload of a server beside its image: how much it may take, who it runs as, how
//! the cluster asks whether it lives.

/// What a container asks for, which is its limit too. Kubernetes quantities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Processors.
    pub cpu: String,
    /// Memory.
    pub memory: String,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            cpu: "100m".to_owned(),
            memory: "128Mi".to_owned(),
        }
    }
}

/// How the cluster asks a server whether it is ready and alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Probe {
    /// By a connection.
    #[default]
    Tcp,
    /// By a GET of this path.
    Http(String),
}
