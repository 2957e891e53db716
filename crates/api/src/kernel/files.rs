//! Where the bytes of files lie: an object store, which is a directory by default. What is known of a file beside its bytes
//! is in the database.
//!
//! An object is named by its organization and the SHA-256 of its bytes: what is stored twice lies there once, what is
//! there never changes, and a row of the database can be restored without its bytes having moved.

use std::{path::Path as Folder, sync::Arc};

use actix_web::web::Bytes;
use aws_lc_rs::digest::{Context as Hasher, SHA256};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use mamori_domain::{
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
    },
    organization::organization::Organization,
    support::file::{Inspection, MediaType, StoredContent},
};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, local::LocalFileSystem, path::Path};
use uuid::Uuid;

use super::problem::Problem;

/// Parts of one upload that may be on their way to the store at once.
const PARTS: usize = 2;

/// The store. Clones share it.
#[derive(Clone, Debug)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// In a directory, which is made where it is missing. What has been stored is on disk.
    pub fn in_folder(folder: &Folder) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// At `s3://bucket`; who asks, where and how is in the variables that AWS's own tools read (`AWS_ENDPOINT` for another
    /// provider).
    #[cfg(feature = "s3")]
    pub fn in_bucket(url: &str) -> std::io::Result<Self> {
        let store = object_store::aws::AmazonS3Builder::from_env().with_url(url).build();
        Ok(Self(Arc::new(store.map_err(std::io::Error::other)?)))
    }

    /// Stores what comes, up to `most` bytes of it. Refused where it is more, or not what it claims to be; then nothing of
    /// it stays.
    pub async fn receive<E>(
        &self,
        organization: Id<Organization>,
        claimed: MediaType,
        most: usize,
        mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<StoredContent, Problem> {
        let incoming = Path::from_iter([organization.to_string(), "incoming".to_owned(), Uuid::new_v4().to_string()]);
        let upload = self.0.put_multipart(&incoming).await.map_err(failed)?;
        let mut upload = WriteMultipart::new(upload);
        match take_in(&mut upload, claimed, most, &mut bytes).await {
            Ok(content) => {
                upload.finish().await.map_err(failed)?;
                self.0.rename(&incoming, &place(organization, &content.sha256)).await.map_err(failed)?;
                Ok(content)
            }
            Err(problem) => {
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "what was refused could not be taken back from the store of files");
                }
                Err(problem)
            }
        }
    }

    /// The bytes of a file.
    pub async fn open(
        &self,
        organization: Id<Organization>,
        sha256: &str,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>, Problem> {
        Ok(self.0.get(&place(organization, sha256)).await.map_err(failed)?.into_stream())
    }

    /// Removes bytes that nobody is to have any more; whether they are gone.
    pub async fn remove(&self, organization: Id<Organization>, sha256: &str) -> bool {
        match self.0.delete(&place(organization, sha256)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => true,
            Err(error) => {
                tracing::error!(%error, "a file could not be removed from its store");
                false
            }
        }
    }
}

fn place(organization: Id<Organization>, sha256: &str) -> Path {
    Path::from_iter([organization.to_string(), sha256.to_owned()])
}

async fn take_in<E>(
    upload: &mut WriteMultipart,
    claimed: MediaType,
    most: usize,
    bytes: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<StoredContent, Problem> {
    let (mut hasher, mut inspection, mut size) = (Hasher::new(&SHA256), Inspection::of(claimed), 0);
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::MalformedBody))?;
        size += chunk.len();
        if size > most {
            return Err(Problem::new(Code::BodyTooLarge));
        }
        hasher.update(&chunk);
        inspection.pass(&chunk);
        upload.wait_for_capacity(PARTS).await.map_err(failed)?;
        upload.write(&chunk);
    }
    if !inspection.fits() {
        return Err(Refusal::new(Code::MalformedFile).with("media_type", claimed.to_string()).into());
    }
    let sha256 = hasher.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(StoredContent { media_type: claimed, size: i64::try_from(size).unwrap_or(i64::MAX), sha256 })
}

/// The store did not do it: the reason is for the log.
fn failed(error: object_store::Error) -> Problem {
    tracing::error!(%error, "the store of files failed");
    Problem::new(Code::Unavailable)
}
