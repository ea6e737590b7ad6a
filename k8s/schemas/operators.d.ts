// The fields we use of kinds that no package describes: CloudNativePG (documentation of 1.26) and its plug-in Barman Cloud.

interface Metadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface Resources {
  requests?: {cpu?: string; memory?: string};
  limits?: {cpu?: string; memory?: string};
}

interface Volume {
  size: string;
  storageClass?: string;
}

interface SecretKey {
  name: string;
  key: string;
}

export interface ICluster {
  apiVersion: 'postgresql.cnpg.io/v1';
  kind: 'Cluster';
  metadata: Metadata;
  spec: {
    instances: number;
    imageName?: string;
    primaryUpdateStrategy?: 'unsupervised' | 'supervised';
    enableSuperuserAccess?: boolean;
    affinity?: {enablePodAntiAffinity?: boolean; podAntiAffinityType?: 'required' | 'preferred'; topologyKey?: string};
    bootstrap?: {
      initdb?: {
        database: string;
        owner: string;
        dataChecksums?: boolean;
        encoding?: string;
        localeCollate?: string;
        localeCType?: string;
      };
    };
    postgresql?: {
      parameters?: Record<string, string>;
      synchronous?: {method: 'any' | 'first'; number: number; dataDurability?: 'required' | 'preferred'};
    };
    storage: Volume;
    walStorage?: Volume;
    resources?: Resources;
    plugins?: {name: string; isWALArchiver?: boolean; enabled?: boolean; parameters?: Record<string, string>}[];
  };
}

export interface IScheduledBackup {
  apiVersion: 'postgresql.cnpg.io/v1';
  kind: 'ScheduledBackup';
  metadata: Metadata;
  spec: {
    schedule: string;
    immediate?: boolean;
    suspend?: boolean;
    backupOwnerReference?: 'none' | 'self' | 'cluster';
    cluster: {name: string};
    method?: 'plugin' | 'barmanObjectStore' | 'volumeSnapshot';
    pluginConfiguration?: {name: string; parameters?: Record<string, string>};
  };
}

export interface IObjectStore {
  apiVersion: 'barmancloud.cnpg.io/v1';
  kind: 'ObjectStore';
  metadata: Metadata;
  spec: {
    retentionPolicy?: string;
    configuration: {
      destinationPath: string;
      endpointURL?: string;
      endpointCA?: SecretKey;
      s3Credentials?: {accessKeyId: SecretKey; secretAccessKey: SecretKey};
      wal?: {compression?: 'gzip' | 'bzip2' | 'snappy' | 'lz4' | 'xz' | 'zstd'; maxParallel?: number};
      data?: {compression?: 'gzip' | 'bzip2' | 'snappy'; jobs?: number};
    };
  };
}
